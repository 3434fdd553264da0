import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { digestOf } from "../../src/checksum.ts";

/** A folder of logs, and what was written into it. */
export interface World {
  folder: string;
  /** Every event that is in some file, whole, by the digest of its line. */
  events: Set<string>;
  /** The path of a file in the folder. */
  at(name: string): string;
  /** Makes so many new lines and counts them as written. */
  lines(count: number): string;
  /** Appends so many new lines to a file; `cowrie.json` where none is named. */
  write(count: number, name?: string): void;
  append(text: string | Uint8Array, name?: string): void;
  rename(from: string, to: string): void;
  copy(from: string, to: string): void;
  truncate(name?: string): void;
  remove(name: string): void;
  /** Packs a file beside itself, and removes it where `keep` is not said. */
  gzip(name: string, keep?: "keep"): void;
  /** Lets the program look: a pass, or as long as a follower needs to load all that is whole. */
  look(): Promise<void>;
}

let made = 0;

/** A line that no other line is like. */
export function uniqueLine(): string {
  made++;
  const second = new Date(Date.UTC(2026, 0, 5) + made * 1_000).toISOString().replace("Z", "000Z");
  return `${JSON.stringify({
    eventid: "cowrie.login.failed",
    username: "root",
    password: `word${made}`,
    session: Math.floor(made / 7)
      .toString(16)
      .padStart(12, "0"),
    src_ip: "192.0.2.7",
    sensor: "harbour",
    timestamp: second,
  })}\n`;
}

/** The digest under which the store has a line. */
export function digestOfLine(line: string): string {
  return digestOf(line.trim()).subarray(0, 16).toString("hex");
}

/** Makes an empty folder of logs. */
export function newWorld(folder: string, look: () => Promise<void>): World {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const events = new Set<string>();
  const lines = (count: number): string => {
    const made = Array.from({ length: count }, uniqueLine);
    for (const line of made) events.add(digestOfLine(line));
    return made.join("");
  };
  const append = (text: string | Uint8Array, name = "cowrie.json"): void => {
    appendFileSync(at(name), text);
  };
  return {
    folder,
    events,
    at,
    lines,
    append,
    write: (count, name) => {
      append(lines(count), name);
    },
    rename: (from, to) => {
      renameSync(at(from), at(to));
    },
    copy: (from, to) => {
      copyFileSync(at(from), at(to));
    },
    truncate: (name = "cowrie.json") => {
      truncateSync(at(name));
    },
    remove: (name) => {
      rmSync(at(name));
    },
    gzip: (name, keep) => {
      // As gzip and logrotate do it: the packed file has its name once it is whole.
      writeFileSync(at(`.${name}.tmp`), gzipSync(readFileSync(at(name))));
      renameSync(at(`.${name}.tmp`), at(`${name}.gz`));
      if (keep === undefined) rmSync(at(name));
    },
    look,
  };
}

/** Something that happens to log files. */
export interface Scenario {
  name: string;
  run(world: World): Promise<void> | void;
  /** Records that are rightly refused; none where it is not said. */
  rejected?: number;
  /** The same lines lie in several files that were never one, so some are read twice. */
  repeats?: true;
}

/** Lines that are more than a fingerprint covers. */
export const many = 60;

/** A new line in two pieces. */
export function cutLine(): { head: string; rest: string; digest: string } {
  const line = uniqueLine();
  return { head: line.slice(0, 70), rest: line.slice(70), digest: digestOfLine(line) };
}
