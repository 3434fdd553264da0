import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { corpusPath } from "./hostile-corpus.ts";
import { corpusText } from "./hostile/corpus.ts";

// Writes tests/fixtures/hostile/corpus.json anew; without a change to the lists it writes the same bytes.
const path = corpusPath();
const text = corpusText();
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, text);
process.stderr.write(`${text.split("\n").length - 3} cases, ${text.length} bytes.\n`);
