import { fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { digestOf } from "../../src/checksum.ts";
import type { GateRules } from "../../src/events/gate.ts";
import { readOversized, startOversized } from "../../src/ingest/read/oversized.ts";
import type { FromReader, ReadJob } from "../../src/ingest/read/reader-messages.ts";
import {
  conversation,
  endReader,
  startNearReader,
  startReader,
  startReaderThread,
  type Reader,
} from "../../src/ingest/read/reader-thread.ts";
import { readRules } from "../../src/ingest/rules.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";

const folder = mkdtempSync(join(tmpdir(), "cowriedb-readers-"));
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true });
});

// No engine has a part in what is read.
const [engine] = engines();
const logs = [1, 2, 3].map((seed) => logFile(seed, scaled(3_000)));

/** A log of made-up lines, of broken ones and of one that is not ended. */
function logFile(seed: number, lines: number): { path: string; content: Buffer } {
  const content = Buffer.concat([
    logOf(generatedLines(lines, seed)),
    Buffer.from(
      '{"eventid":"cowrie.login.failed"\nno JSON\n\n{"eventid":1}\n{"eventid":"cowrie.session.conn',
    ),
  ]);
  const path = join(folder, `cowrie.json.${seed}`);
  writeFileSync(path, content);
  return { path, content };
}

type Wanted = Partial<ReadJob> & { path: string };

function jobOf(rules: GateRules, { path, ...wanted }: Wanted): ReadJob {
  return {
    ...{ input: openSync(path, "r"), rules, multiLine: false, isClosed: false, isOpenEnded: false },
    ...{ waitsForRest: false, resumeOffset: 0, resumeDigest: null, mostBytes: Number.POSITIVE_INFINITY },
    ...{ batchEvents: 100, closing: null, skipBytes: 0, isKnownDamage: false },
    ...wanted,
  };
}

/** All that a reader says of a file; it gets leave for another batch, with the memory of the last, after each. */
async function said(reader: Reader, job: ReadJob, stopAfter = Number.POSITIVE_INFINITY): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of conversation(reader, job)) {
    messages.push(portable(message));
    if (message.kind !== "batch") continue;
    const spare = message.batch.text.buffer as ArrayBuffer;
    if (messages.length >= stopAfter) reader.postMessage({ kind: "stop" });
    reader.postMessage({ kind: "credit", batchEvents: job.batchEvents, spare }, [spare]);
  }
  return messages;
}

/** A message with its bytes as text, so that two can be compared after their memory was given back. */
function portable(message: FromReader): unknown {
  return JSON.parse(
    JSON.stringify(message, (_name, value: unknown) =>
      value instanceof Uint8Array || value instanceof Uint32Array
        ? Buffer.from(value).toString("hex")
        : value,
    ),
  );
}

async function withReaders<T>(
  starts: readonly (() => Reader)[],
  work: (readers: Reader[]) => Promise<T>,
): Promise<T> {
  const readers = starts.map((start) => start());
  try {
    return await work(readers);
  } finally {
    for (const reader of readers) await endReader(reader);
  }
}

void t.test("a reader in the loader's thread says what one in a thread of its own says", async (t) => {
  const store = await freshStore(engine as NonNullable<typeof engine>);
  t.teardown(store.dispose);
  const rules = await readRules(store.database);
  const [first, second] = logs as [(typeof logs)[0], (typeof logs)[0]];
  const half = first.content.indexOf("\n", first.content.length / 2) + 1;
  const resumed = { resumeOffset: half, resumeDigest: digestOf(first.content.subarray(0, half)) };
  const wanted: (Wanted & { stopAfter?: number })[] = [
    { path: first.path },
    { path: first.path, isClosed: true, batchEvents: 7 },
    { path: second.path, multiLine: true },
    { path: first.path, ...resumed },
    { path: second.path, ...resumed },
    { path: second.path, batchEvents: 20, stopAfter: 2 },
    { path: second.path, mostBytes: 5_000, isOpenEnded: true },
    { path: second.path, isClosed: true, closing: Buffer.from('ect"}') },
  ];
  await withReaders([startNearReader, startReaderThread], async ([near, beside]) => {
    for (const { stopAfter, ...job } of wanted) {
      const answers = [near, beside].map(async (reader) =>
        said(reader as Reader, jobOf(rules, job), stopAfter),
      );
      const [here, there] = await Promise.all(answers);
      t.same(here, there, JSON.stringify(job, ["path", "multiLine", "resumeOffset", "batchEvents"]));
      t.ok((here ?? []).length > 0);
    }
  });
});

void t.test("readers in one thread do not mix what they read", async (t) => {
  const store = await freshStore(engine as NonNullable<typeof engine>);
  t.teardown(store.dispose);
  const rules = await readRules(store.database);
  const read = async (reader: Reader, index: number): Promise<unknown[]> =>
    said(reader, jobOf(rules, { path: (logs[index] as (typeof logs)[0]).path, batchEvents: 9 }));
  const starts = logs.map(() => startNearReader);
  const alone = await withReaders(starts, async (readers) => {
    const each: unknown[][] = [];
    for (const [index, reader] of readers.entries()) each.push(await read(reader, index));
    return each;
  });

  const atOnce = await withReaders(starts, async (readers) => Promise.all(readers.map(read)));

  t.same(atOnce, alone);
  t.ok(
    alone.every((messages) => messages.length > 10),
    "in many batches",
  );
});

void t.test("much, and what nobody knows the size of, gets a thread", async (t) => {
  for (const [bytes, isNear] of [
    [1, true],
    [256 << 10, true],
    [(256 << 10) + 1, false],
    [undefined, false],
  ] as const) {
    const reader = startReader(bytes);
    t.equal(!("threadId" in reader), isNear, `${bytes ?? "unknown"} bytes`);
    await endReader(reader);
  }
});

void t.test("a reader that is asked to leave in the middle of a file leaves", async (t) => {
  const store = await freshStore(engine as NonNullable<typeof engine>);
  t.teardown(store.dispose);
  const rules = await readRules(store.database);
  const reader = startNearReader();
  const job = jobOf(rules, { path: (logs[0] as (typeof logs)[0]).path, batchEvents: 9 });
  for await (const message of conversation(reader, job)) {
    t.equal(message.kind, "batch");
    break;
  }
  await endReader(reader);
  // It closes the descriptor, which was given to it.
  let isOpen = true;
  for (let turns = 0; isOpen && turns < 500; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    try {
      fstatSync(job.input as number);
    } catch {
      isOpen = false;
    }
  }
  t.notOk(isOpen);
});

void t.test("an element of an array that is too long ends where its value does", (t) => {
  for (const [element, behind] of [
    ["123", "]"],
    ["123", ",4]"],
    ['"a\\"]"', ",4]"],
    ['{"a":[1,"}"]}', "]"],
    ["[[1],[2]]", ", 3]"],
  ] as const)
    t.equal(
      readOversized(startOversized(0, "line_too_long", true), Buffer.from(element + behind), 0),
      element.length,
      element + behind,
    );
  t.end();
});
