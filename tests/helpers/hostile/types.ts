/** A piece of a file: bytes, repeated where `repeat` is given, or the output of a named filler. */
export type HostilePart =
  { base64: string; repeat?: number } | { fill: Filler; count: number; seed?: number };

/**
 * What a filler writes: `keys`: `"k0":1,"k1":1`, so many of them; `commands`: so many `cowrie.command.input` events, one
 * a line, a millisecond apart; `noise`: so many letters and digits that do not compress, the same ones for one `seed`.
 */
export type Filler = "keys" | "commands" | "noise";

/**
 * How a file comes to be where bytes alone do not say it: `gzip`: the parts compressed, then the bytes of `after` as they
 * are; `symlink`: a link to a regular file of these bytes; `dangling_symlink`: a link to nothing; `fifo`: a named pipe
 * that nobody writes to; `device`: the path is /dev/zero.
 */
export type FileGenerator = "gzip" | "symlink" | "dangling_symlink" | "fifo" | "device";

/** One log file of a case. Its bytes are `bytes`, or else `parts` in order. */
export interface HostileFile {
  /** `cowrie.json` is the file that Cowrie still writes to, any other name one that it has closed. */
  file: string;
  /** The name's bytes where they are no UTF-8; `file` then only describes it. */
  file_base64?: string;
  bytes?: string;
  parts?: HostilePart[];
  generate?: FileGenerator;
  after?: string;
}

export interface HostileOptions {
  multiLine?: boolean;
  /** How many times the same paths are loaded, one after the other; the counts are the sum. One where it is missing. */
  runs?: number;
}

/** Columns of one event or session as `select` gives them; times as 27 characters, booleans as true and false. */
export type Columns = Record<string, string | number | boolean | null>;

/** What a fresh store must say after the case was loaded into it. */
export interface HostileExpect {
  read: number;
  accepted: number;
  duplicate: number;
  rejected: Record<string, number>;
  skipped: Record<string, number>;
  /** The code with which the file is refused; nothing is stored then. */
  refused?: string;
  /** Bytes at the end of the active file that wait for the rest of their line. */
  unread_bytes?: number;
  /** The counts are lower bounds: how far a reader gets before it notices is its own affair. */
  at_least?: true;
  /** Flags of every accepted event in file order, sorted by name. Not checked where missing. */
  flags?: string[][];
  /** Columns of the accepted events in file order; an empty object says nothing of its event. */
  columns?: Columns[];
  /** Columns of `session_summaries`. */
  sessions?: Columns[];
}

/** One case: a file with what it holds, or several files read in this order. */
export interface HostileCase extends Partial<HostileFile> {
  /** The number of the row in the list of hostile inputs, and a letter. */
  id: string;
  name: string;
  files?: HostileFile[];
  options?: HostileOptions;
  expect: HostileExpect;
  /** Why it is so, where a reader may wonder. */
  note?: string;
}
