import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";

import { CowriedbError, messageOf } from "../errors.ts";
import { addEvent, completeSessions, riskTable, type RiskTable } from "./fold.ts";
import { endReader, readOn, startReader, type FileEnd } from "./reader.ts";
import type { Recount, RecountOptions } from "./types.ts";
import { compressionOf, firstBytes, unpacked, type Opener } from "./unpack.ts";

/** A recount that files can still be added to. */
interface RecountState {
  recount: Recount;
  options: RecountOptions;
  rules: RiskTable;
  /** The digests of all events so far, 16 bytes as text of 16 characters. */
  seen: Set<string>;
}

const chunkBytes = 256 * 1024;

function startRecount(options: RecountOptions): RecountState {
  const recount: Recount = {
    events: 0,
    duplicates: 0,
    rejected: new Map(),
    skipped: new Map(),
    unattributed: 0,
    unread: 0,
    sessions: new Map(),
    commands: new Map(),
    files: new Map(),
  };
  return { recount, options, rules: riskTable(options.riskRules), seen: new Set() };
}

/**
 * Derives the tables from log files alone, sharing no code with the loader, so that the two can be held against each
 * other. Files may be plain, gzip, bzip2 or zstd; `-` is standard input.
 */
export async function recountFiles(paths: readonly string[], options: RecountOptions): Promise<Recount> {
  const state = startRecount(options);
  for (const path of paths) {
    try {
      const open: Opener = path === "-" ? once(process.stdin) : await openerOf(path);
      await recountSource(path, open, state);
    } catch (error) {
      throw new CowriedbError(
        "recount.file_unreadable",
        `${JSON.stringify(path)} cannot be read: ${messageOf(error)}`,
        {
          hint: "Check the path and its permissions, or leave the file out.",
          cause: error,
        },
      );
    }
  }
  completeSessions(state.recount);
  return state.recount;
}

/** Whether nothing more will be written to a file of this name: a date, a number or a compression suffix at its end. */
export function isClosedName(path: string): boolean {
  const name = basename(path);
  return path === "-" || /[._-]\d+$/.test(name) || /\.(?:gz|bz2|zst)$/i.test(name);
}

async function recountSource(path: string, open: Opener, state: RecountState): Promise<void> {
  const { recount, options } = state;
  const reader = startReader(options, {
    onEvent: (event) => {
      // The bytes decide session and time, so their digest alone is the identity.
      const digest = event.digest.toString("latin1");
      if (state.seen.has(digest)) {
        recount.duplicates += 1;
        return;
      }
      state.seen.add(digest);
      addEvent(recount, event, state.rules);
    },
    onRejected: (reason) => {
      increase(recount.rejected, reason);
    },
    onSkipped: (reason) => {
      increase(recount.skipped, reason);
    },
    onUnread: (bytes) => {
      recount.unread += bytes;
    },
  });
  const compression = compressionOf(await firstBytes(open));
  let end: FileEnd = compression !== "plain" || isClosedName(path) ? "closed" : "active";
  const onDamage = (reason: string): void => {
    end = "damaged";
    increase(recount.rejected, reason);
  };
  for await (const chunk of unpacked(open, compression, onDamage)) readOn(reader, chunk);
  endReader(reader, end);
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

async function openerOf(path: string): Promise<Opener> {
  if (!(await stat(path)).isFile()) throw new Error("it is no regular file");
  return () => createReadStream(path, { highWaterMark: chunkBytes });
}

/** A stream that cannot be opened again: its first chunks are kept for a second reading, the rest is read on. */
function once(stream: AsyncIterable<Buffer>): Opener {
  const source = stream[Symbol.asyncIterator]();
  const start: Buffer[] = [];
  let openings = 0;
  return () => {
    openings += 1;
    return openings === 1 ? firstOf(source, start) : restOf(source, start);
  };
}

async function* firstOf(source: AsyncIterator<Buffer>, start: Buffer[]): AsyncGenerator<Buffer> {
  for (let next = await source.next(); next.done !== true; next = await source.next()) {
    start.push(next.value);
    yield next.value;
  }
}

async function* restOf(source: AsyncIterator<Buffer>, start: Buffer[]): AsyncGenerator<Buffer> {
  yield* start.splice(0);
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}
