import type {
  Columns,
  HostileCase,
  HostileExpect,
  HostileFile,
  HostileOptions,
  HostilePart,
} from "./types.ts";

/** A case before it has its letter. */
export type Draft = Omit<HostileCase, "id"> & { row: number };
/** A piece of a file: text (as UTF-8), bytes, or a part. */
export type Piece = string | Uint8Array | HostilePart;
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** JSON text that is taken as it stands. */
export interface JsonText {
  jsonText: string;
}
/** Members of an event that differ from the usual ones; undefined takes a member away. */
export type Changes = Record<string, Json | JsonText | undefined>;
/** An event that must be stored: its line, its flags with blanks between, its columns. */
export interface Stored {
  line: Piece | Piece[];
  flags?: string;
  columns?: Columns;
}
/** What a case may say beside its bytes and counts. */
export interface More {
  file?: string;
  options?: HostileOptions;
  note?: string;
  sessions?: Columns[];
}

export const closedFile = "cowrie.json.2024-01-02";
export const activeFile = "cowrie.json";

const usual: Changes = {
  eventid: "cowrie.login.failed",
  session: "0123456789ab",
  timestamp: "2024-01-02T03:04:05.678901Z",
  src_ip: "192.0.2.7",
  sensor: "hp-01",
  protocol: "ssh",
  username: "root",
  password: "x",
  message: "m",
};

/** JSON text for a value that `JSON.stringify` would not write so. */
export function json(text: string): JsonText {
  return { jsonText: text };
}

/** The usual event with changes, as Cowrie writes it: compact and in ASCII. `extra` is text before the closing brace. */
export function event(changes: Changes = {}, extra = ""): string {
  const members = Object.entries({ ...usual, ...changes })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${asciiJson(key)}:${isJsonText(value) ? value.jsonText : asciiJson(value)}`);
  return `{${members.join(",")}${extra === "" ? "" : `,${extra}`}}`;
}

function isJsonText(value: unknown): value is JsonText {
  return typeof value === "object" && value !== null && "jsonText" in value;
}

/** JSON in printable ASCII only. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The event with `value` put raw, byte by byte, into its field. */
export function rawEvent(
  field: string,
  value: Uint8Array | readonly number[] | string,
  changes: Changes = {},
): Buffer {
  const [before = "", after = ""] = event({ ...changes, [field]: "%raw%" }).split("%raw%");
  const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(value);
  return Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
}

/** An event of a closed session or a command, at a second of its own. */
export function eventAt(second: number, changes: Changes = {}): string {
  return event({ timestamp: `2024-01-02T03:04:${String(second).padStart(2, "0")}.000000Z`, ...changes });
}

/** Good lines for before and behind a bad one: a reader that survives takes both. */
export const before = event({ timestamp: "2024-01-02T03:00:00.000000Z", username: "before" });
export const behind = event({ timestamp: "2024-01-02T03:59:59.000000Z", username: "behind" });

/** Pieces as the content of a file: bytes where that is short, else parts. */
export function content(pieces: readonly Piece[]): Pick<HostileFile, "bytes" | "parts"> {
  const parts: HostilePart[] = [];
  let plain: Uint8Array[] = [];
  for (const piece of pieces) {
    if (typeof piece === "string") plain.push(Buffer.from(piece));
    else if (piece instanceof Uint8Array) plain.push(piece);
    else {
      if (plain.length > 0) parts.push({ base64: Buffer.concat(plain).toString("base64") });
      plain = [];
      parts.push(piece);
    }
  }
  if (parts.length === 0) return { bytes: Buffer.concat(plain).toString("base64") };
  if (plain.length > 0) parts.push({ base64: Buffer.concat(plain).toString("base64") });
  return { parts };
}

/** A text or byte, so many times. */
export function times(count: number, text: string | Uint8Array): HostilePart {
  return { base64: Buffer.from(text).toString("base64"), repeat: count };
}

/** The counts of a case; `read` is their sum. */
export function counts(given: Partial<HostileExpect>): HostileExpect {
  const { accepted = 0, duplicate = 0, rejected = {}, skipped = {}, ...rest } = given;
  const sum = [...Object.values(rejected), ...Object.values(skipped)].reduce(
    (left, right) => left + right,
    0,
  );
  return { read: accepted + duplicate + sum, accepted, duplicate, rejected, skipped, ...rest };
}

/** A case of one file. */
export function made(
  row: number,
  name: string,
  pieces: Piece[],
  expect: Partial<HostileExpect>,
  more: More = {},
): Draft {
  const { file = closedFile, options, note, sessions } = more;
  return {
    row,
    name,
    file,
    ...content(pieces),
    ...(options === undefined ? {} : { options }),
    expect: counts(sessions === undefined ? expect : { ...expect, sessions }),
    ...(note === undefined ? {} : { note }),
  };
}

/** A case of several files, read in this order. */
export function madeOfFiles(
  row: number,
  name: string,
  files: [file: string, ...pieces: Piece[]][],
  expect: Partial<HostileExpect>,
  more: More = {},
): Draft {
  const { file: _file, bytes: _bytes, parts: _parts, ...draft } = made(row, name, [], expect, more);
  return { ...draft, files: files.map(([file, ...pieces]) => ({ file, ...content(pieces) })) };
}

/** A file of lines that are all stored. */
export function stored(row: number, name: string, events: Stored[], more: More = {}): Draft {
  const pieces = events.flatMap(({ line }) => [...(Array.isArray(line) ? line : [line]), "\n"]);
  const expect: Partial<HostileExpect> = {
    accepted: events.length,
    flags: events.map(({ flags }) => sortedFlags(flags)),
  };
  if (events.some(({ columns }) => columns !== undefined)) {
    expect.columns = events.map(({ columns }) => columns ?? {});
  }
  return made(row, name, pieces, expect, more);
}

/** Flags written with blanks between, as a sorted list. */
export function sortedFlags(flags = ""): string[] {
  return flags
    .split(" ")
    .filter((flag) => flag !== "")
    .sort();
}

/** A bad line between two good ones: the bad one becomes a dead letter, the good ones are stored. */
export function dead(
  row: number,
  name: string,
  reason: string,
  bad: Piece | Piece[],
  more: More = {},
): Draft {
  return made(
    row,
    name,
    [`${before}\n`, ...(Array.isArray(bad) ? bad : [bad]), `\n${behind}\n`],
    {
      accepted: 2,
      rejected: { [reason]: 1 },
      flags: [[], []],
      columns: [{ username: "before" }, { username: "behind" }],
    },
    more,
  );
}

/** One field with several values, each stored as it is in the column of that name. */
export function storedValues(
  row: number,
  name: string,
  field: string,
  values: readonly string[],
  changes: Changes = {},
): Draft {
  return stored(
    row,
    name,
    values.map((value, index) => ({
      line: eventAt(index, { ...changes, [field]: value }),
      columns: { [field === "version" ? "client_version" : field]: value },
    })),
  );
}
