import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import type { OldRow, OldStore } from "../db/old-tables.ts";
import { fingerprintBytes, type InputFile } from "../ingest/files.ts";
import { lookParameters } from "../ingest/known-source.ts";
import { sourcesCandidates } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { visibleBytes } from "../term.ts";

/** A row of the old system's `raw_events`. */
export interface OldEvent {
  id: number;
  source: string;
  payload: Buffer;
  /** It was made up from a record that could not be read. */
  isRepaired: boolean;
}

/** A file as a database that is adopted has it, and how far its events are taken over. */
export interface AdoptedSource {
  file: InputFile;
  /** Null while the store does not have it. */
  sourceId: number | null;
  /** Events whose row has a lower number are in the store. */
  nextOffset: number;
  /** Sources that were found to be of another database. */
  compared: number[];
}

/** Reads the rows behind a number, in the order of their numbers. */
export async function* eventsBehind(
  old: OldStore,
  after: number,
  pageRows: number,
): AsyncGenerator<OldEvent[]> {
  const columns = ["id", "source", "payload"];
  if (old.tables.get("raw_events")?.includes("source_inode") === true) columns.push("source_inode");
  const order = { column: "id", by: "number", after } as const;
  for await (const page of old.pages({ table: "raw_events", columns, bytesOf: "payload", order }, pageRows))
    yield page.map(eventOf);
}

function eventOf(row: OldRow): OldEvent {
  const source = textOf(row["source"]);
  const payload = row["payload"];
  return {
    id: Number(row["id"]),
    source,
    payload: Buffer.isBuffer(payload) ? payload : Buffer.from(textOf(payload)),
    // The old system put the path there, and a number for what it had read.
    isRepaired: source !== "" && row["source_inode"] === source,
  };
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : "";
}

/** The digest by which a database is known again: that of its first event. */
export async function identityOf(old: OldStore): Promise<string> {
  const first = await eventAt(old, Number.MIN_SAFE_INTEGER);
  return digestOf(first === undefined ? "" : keyBytes(first)).toString("hex");
}

/** The first event whose row has this number or a higher one. */
export async function eventAt(old: OldStore, id: number): Promise<OldEvent | undefined> {
  for await (const [event] of eventsBehind(old, id - 1, 1)) return event;
  return undefined;
}

/** What confirms that a source ends with this event. */
export function endDigest(event: OldEvent): Buffer {
  return digestOf(keyBytes(event));
}

function keyBytes({ id, source, payload }: OldEvent): Buffer {
  return Buffer.concat([Buffer.from(`${id}\n${source}\n`), payload]);
}

/** Finds how far the events of a file are taken over: by the database's identity and its name, confirmed by its last event. */
export async function sourceOf(
  database: Database,
  old: OldStore,
  identity: string,
  source: string,
): Promise<AdoptedSource> {
  const file = fileOf(identity, source);
  const found: AdoptedSource = { file, sourceId: null, nextOffset: 0, compared: [] };
  for (const row of await many(database, sourcesCandidates, lookParameters(file))) {
    if (!file.fingerprint.equals(row.fingerprint)) continue;
    const offset = Number(row.next_offset);
    const last = offset === 0 ? undefined : await eventAt(old, offset - 1);
    const isSame =
      offset === 0 ||
      (last?.id === offset - 1 &&
        last.source === source &&
        endDigest(last).equals(row.prefix_digest ?? Buffer.alloc(0)));
    if (isSame) return { ...found, sourceId: Number(row.source_id), nextOffset: offset };
    found.compared.push(Number(row.source_id));
  }
  return found;
}

/** A name in a database as the file that the loader knows; no file on a disk starts with such bytes. */
function fileOf(identity: string, source: string): InputFile {
  const path = Buffer.from(source === "" ? "unknown" : source);
  const firstBytes = Buffer.alloc(fingerprintBytes);
  firstBytes.write(`\0adopted ${identity} ${digestOf(source).toString("hex")}`);
  return {
    path,
    shown: visibleBytes(path),
    sizeBytes: 0,
    place: null,
    isClosed: true,
    compression: "plain",
    fingerprint: digestOf(firstBytes),
    firstBytes,
    firstTime: "",
    closing: null,
    skipBytes: 0,
    isOpenEnded: false,
  };
}
