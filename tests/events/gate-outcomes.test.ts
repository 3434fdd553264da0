import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";
import { digestOf } from "../../src/checksum.ts";
import { passed, type GateRules } from "../../src/events/gate.ts";
import { gateVersion } from "../../src/events/rules-version.ts";
import { recordReader } from "../../src/ingest/read/record-reader.ts";
import type { RecordSink } from "../../src/ingest/read/records.ts";
import { readRules } from "../../src/ingest/rules.ts";
import { engines, freshStore, type Engine } from "../helpers/database.ts";
import {
  caseFiles,
  corpusPath,
  fileChunks,
  hostileCases,
  plainLength,
  type HostileFile,
} from "../helpers/hostile-corpus.ts";

/** Files larger than this repeat what smaller ones hold. */
const largest = 4 << 20;

/** The digest of all outcomes under each version of the gate. A version that was released keeps its line. */
const kept = JSON.parse(
  readFileSync(join(dirname(dirname(corpusPath())), "gate-outcomes.json"), "utf8"),
) as Record<string, string>;

void t.test("the gate changes what it makes of a record only under a new version", async (test) => {
  const store = await freshStore(engines()[0] as Engine);
  test.teardown(async () => store.dispose());
  const rules = await readRules(store.database, Date.UTC(2026, 5, 1));

  const outcomes = allOutcomes(rules);

  test.ok(outcomes.length > 150, `${outcomes.length} outcomes`);
  for (const kind of ["event", "reject", "skip"])
    test.ok(
      outcomes.some((line) => line.includes(`"${kind}"`)),
      `there are outcomes of kind ${kind}`,
    );
  const digest = digestOf(outcomes.join("\n")).toString("hex");
  test.equal(
    digest,
    kept[gateVersion],
    "the outcomes of this version; if they were meant to change, raise gateVersion and add a line to gate-outcomes.json",
  );
  test.equal(new Set(Object.values(kept)).size, Object.keys(kept).length, "versions differ");
  test.equal(Math.max(...Object.keys(kept).map(Number)), gateVersion, "the last line is this version");
});

/** A line for every record of the corpus: which it is, and what became of it. */
function allOutcomes(rules: GateRules): string[] {
  return hostileCases().flatMap((hostileCase) =>
    caseFiles(hostileCase)
      .filter((file) => plainLength(file) <= largest)
      .flatMap((file, index) =>
        outcomesOf(file, rules, hostileCase.options?.multiLine === true).map((outcome) =>
          JSON.stringify([hostileCase.id, index, ...outcome]),
        ),
      ),
  );
}

function outcomesOf(file: HostileFile, rules: GateRules, multiLine: boolean): unknown[][] {
  const found: unknown[][] = [];
  const sink: RecordSink = {
    event: (bytes, from, to) => {
      const { payload, ...rest } = passed;
      const digests = [bytes.subarray(from, to), payload ?? Buffer.alloc(0)].map((part) =>
        digestOf(part).toString("hex"),
      );
      found.push(["event", rest, ...digests]);
    },
    reject: ({ offset, length, reason, detail }) =>
      void found.push(["reject", offset, length, reason, detail]),
    skip: (code) => void found.push(["skip", code]),
    boundary: () => undefined,
  };
  const chunks = [...fileChunks(file)];
  const isArray = /^\s*\[/.test(Buffer.concat(chunks).subarray(0, 4_096).toString("latin1"));
  const reader = recordReader(sink, { rules, multiLine, startOffset: 0, isArray });
  for (const chunk of chunks) reader.push(chunk);
  reader.end(true);
  return found;
}
