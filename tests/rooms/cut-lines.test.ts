import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { deltaPass } from "../../src/ingest/follow/delta.ts";
import { patientStore } from "../../src/ingest/follow/patience.ts";
import { inspect, type InputFile } from "../../src/ingest/files.ts";
import { loadFiles } from "../../src/ingest/loader.ts";
import { lookAgain } from "../../src/ingest/overtaken.ts";
import { readRules } from "../../src/ingest/rules.ts";
import { pairCutLines } from "../../src/ingest/stitch.ts";
import { undoBatch } from "../../src/ingest/undo/undo.ts";
import { engines, freshStore, typed, type Engine } from "../helpers/database.ts";
import { cutLine, digestOfLine, uniqueLine } from "../helpers/rotation-world.ts";

// A line that rotation has cut in two, and loads that know the two files in one order or another. Both halves are in the
// store whatever the order: as one event, or as a dead letter each.

/** Two files of which the first ends with the head of a line and the second begins with its rest, and who loads them. */
interface Cut {
  first: string;
  second: string;
  /** Moves the start of the rest to the end of the first file. */
  grow(): void;
  bulk(...paths: string[]): Promise<void>;
  delta(...paths: string[]): Promise<void>;
  undo(batchId: number): Promise<void>;
}

interface Case {
  name: string;
  run(cut: Cut): Promise<void>;
  /** How often the line is an event, and what of it is a dead letter that stands. */
  event: 0 | 1;
  letters: readonly Part[];
}

type Part = "head" | "middle" | "rest" | "end";

const cases: Case[] = [
  {
    name: "both files at once",
    event: 1,
    letters: [],
    run: async (cut) => cut.bulk(cut.first, cut.second),
  },
  {
    name: "a bulk load of the first, then of both",
    event: 0,
    letters: ["head", "rest"],
    run: async (cut) => {
      await cut.bulk(cut.first);
      await cut.bulk(cut.first, cut.second);
    },
  },
  {
    name: "a bulk load of the first, then a pass over both",
    event: 0,
    letters: ["head", "rest"],
    run: async (cut) => {
      await cut.bulk(cut.first);
      await cut.delta(cut.first, cut.second);
    },
  },
  {
    name: "a bulk load of each",
    event: 0,
    letters: ["head", "rest"],
    run: async (cut) => {
      await cut.bulk(cut.first);
      await cut.bulk(cut.second);
    },
  },
  {
    name: "a bulk load of the second, then a pass over both",
    event: 1,
    letters: ["rest"],
    run: async (cut) => {
      await cut.bulk(cut.second);
      await cut.delta(cut.first, cut.second);
    },
  },
  {
    name: "a pass over the first waits, then a bulk load of both",
    event: 1,
    letters: [],
    run: async (cut) => {
      await cut.delta(cut.first);
      await cut.bulk(cut.first, cut.second);
    },
  },
  {
    name: "the refused head grows before the second file is met",
    event: 0,
    letters: ["head", "middle", "end"],
    run: async (cut) => {
      await cut.bulk(cut.first);
      cut.grow();
      await cut.delta(cut.first, cut.second);
    },
  },
  {
    name: "a bulk load of the first is undone and repeated with the second",
    event: 1,
    letters: [],
    run: async (cut) => {
      await cut.bulk(cut.first);
      await cut.undo(1);
      await cut.bulk(cut.first, cut.second);
    },
  },
];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    for (const { name, run, event, letters } of cases) {
      await t.test(name, async (t) => {
        const { cut, parts, found } = await cutFiles(t, engine);
        await run(cut);
        await cut.bulk(cut.first, cut.second);

        const after = await found();
        const { batches: _batches, ...line } = after;
        t.same(line, { event, letters: letters.map((part) => parts[part]) });
        await cut.delta(cut.first, cut.second);
        await cut.bulk(cut.first, cut.second);
        t.same(await found(), after, "a further run changes nothing");
      });
    }
  });
}

void t.test(
  "a file that another program reads is looked at again, and its cut line is still cut",
  async (t) => {
    const folder = t.testdir({ "cowrie.json.1": uniqueLine() });
    const path = join(folder, "cowrie.json.1");
    const closing = Buffer.from("the rest");
    const known = async (): Promise<InputFile> =>
      Object.assign(await inspect(Buffer.from(path)), { closing, skipBytes: 7, isOpenEnded: true });

    const same = await known();
    await lookAgain(same, false);
    const grown = await known();
    appendFileSync(path, uniqueLine());
    await lookAgain(grown, true);
    const other = await known();
    // The one before is there still, so that no number of it is given away.
    writeFileSync(`${path}.new`, uniqueLine());
    renameSync(`${path}.new`, path);
    await lookAgain(other, false);

    t.match(same, { closing, skipBytes: 7, isOpenEnded: true });
    t.match(grown, { closing: null, skipBytes: 7, isOpenEnded: true }, "more has come behind its cut line");
    t.match(other, { closing: null, skipBytes: 0, isOpenEnded: false }, "another file");
  },
);

void t.test("two ends are one line only where its time lies between those of its neighbours", async (t) => {
  const lines = Array.from({ length: 4 }, uniqueLine);
  const [first = "", second = "", third = "", fourth = ""] = lines;
  const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
  t.teardown(store.dispose);
  const rules = await readRules(store.database);
  const long = second.replace(/"password":"[^"]*/, `$&${"x".repeat(66_000)}`);
  for (const [name, before, whole, after, isCut, at = 70] of [
    ["in order", first, second, third, true],
    ["before what stands before it", second, first, third, false],
    ["behind what stands behind it", first, fourth, third, false],
    ["with more before it on its line than is looked at", "glued", long, third, false, 65_536],
  ] as const) {
    const folder = t.testdir({
      "cowrie.json.1": before + whole.slice(0, at),
      "cowrie.json": whole.slice(at) + after,
    });
    const paths = ["cowrie.json.1", "cowrie.json"].map((file) => Buffer.from(join(folder, file)));
    const files = await Promise.all(paths.map(inspect));
    await pairCutLines(files, rules, async () => Promise.resolve(false));

    t.equal(files[0]?.closing !== null, isCut, name);
  }
});

/** What the store has of the line. */
interface Found {
  event: number;
  letters: string[];
  batches: number;
}

async function cutFiles(
  t: Test,
  engine: Engine,
): Promise<{ cut: Cut; parts: Record<Part, string>; found(): Promise<Found> }> {
  const { database, dispose } = await freshStore(engine);
  const folder = mkdtempSync(join(tmpdir(), "cowriedb-cut-"));
  t.teardown(async () => {
    await dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  const [first, second] = [join(folder, "cowrie.json.1"), join(folder, "cowrie.json")];
  const before = uniqueLine();
  const { head, rest, digest } = cutLine();
  const after = uniqueLine();
  const parts = { head, rest: rest.trim(), middle: rest.slice(0, 10), end: rest.slice(10).trim() };
  writeFileSync(first, before + head);
  writeFileSync(second, rest + after);
  const stop = { requested: false };
  const silent = (): void => undefined;
  const patient = patientStore(database, { stop, onAway: silent, onBack: silent, recordsPerSecond: 0 });
  const options = { multiLine: false, batchEvents: 1_000 };
  const cut: Cut = {
    first,
    second,
    grow: () => {
      appendFileSync(first, parts.middle);
      writeFileSync(second, rest.slice(10) + after);
    },
    bulk: async (...paths) => void (await loadFiles(database, paths, options)),
    delta: async (...paths) => void (await deltaPass(patient, paths, { ...options, stop })),
    undo: async (batchId) => void (await undoBatch(database, batchId, { reload: true })),
  };
  const found = async (): Promise<Found> => {
    const events = await typed(database, "select line_digest from raw_events");
    const digests = events.map((row) => Buffer.from(row["line_digest"] as Uint8Array).toString("hex"));
    for (const line of [before, after])
      t.ok(digests.includes(digestOfLine(line)), "its neighbours are there");
    const letters = await typed(
      database,
      "select record from dead_letter_events where resolved_at is null order by source_id, source_offset",
    );
    const [batches] = await typed(database, "select count(*) as n from ingest_batches");
    return {
      event: digests.filter((one) => one === digest).length,
      letters: letters.map((row) => Buffer.from(row["record"] as Uint8Array).toString()),
      batches: Number(batches?.["n"]),
    };
  };
  return { cut, parts, found };
}
