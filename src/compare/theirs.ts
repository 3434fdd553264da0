import type { Target } from "../config.ts";
import { openOldStore, type OldStore } from "../db/old-tables.ts";
import { CowriedbError } from "../errors.ts";
import { readTime } from "../events/time.ts";

/** A session as another database has it. */
export interface TheirSession {
  session_id: string;
  /** Null where it says none that can be read. */
  began_at: string | null;
  /** Null where it does not count events as a store does. */
  event_count: number | null;
}

/** A database that a store is compared with. */
export interface Theirs {
  name: string;
  /** Another store, a database of Cowrie's own outputs, or one of the old system. */
  kind: "store" | "cowrie" | "old";
  sessions(): AsyncGenerator<TheirSession[]>;
  close(): Promise<void>;
}

/** What makes a database one of a kind, and where its sessions are. */
interface Kind {
  kind: Theirs["kind"];
  /** As `table.column`, all of which it has. */
  marks: readonly string[];
  table: string;
  id: string;
  beganAt: string;
  count?: string;
}

const kinds: readonly Kind[] = [
  {
    ...{ kind: "store", table: "session_summaries", id: "session_id" },
    ...{ beganAt: "first_event_at", count: "event_count" },
    marks: [
      "session_summaries.event_count",
      "session_summaries.first_event_at",
      "ingest_batches.chain_digest",
    ],
  },
  {
    ...{ kind: "old", table: "session_summaries", id: "session_id", beganAt: "first_event_at" },
    marks: ["session_summaries.session_id", "session_summaries.first_event_at", "raw_events.source_offset"],
  },
  {
    ...{ kind: "cowrie", table: "sessions", id: "id", beganAt: "starttime" },
    marks: ["sessions.id", "sessions.starttime", "sessions.ip", "auth.session", "input.session"],
  },
];

const tableNames = ["sessions", "auth", "input", "session_summaries", "raw_events", "ingest_batches"];
const pageRows = 2_000;

/**
 * Opens the database that a store is compared with, for reading alone. Throws `compare.unknown_shape` where it is of no kind that
 * is known, the codes of `openOldStore`, and those of `databaseError`.
 */
export async function openTheirs(target: Target): Promise<Theirs> {
  const old = await openOldStore(target, tableNames);
  const found = kinds.find(({ marks }) => marks.every((mark) => has(old, mark)));
  if (found !== undefined) {
    const { kind } = found;
    return { name: old.name, kind, sessions: () => sessionsOf(old, found), close: old.close };
  }
  await old.close();
  throw new CowriedbError(
    "compare.unknown_shape",
    `${old.name} is no store, no database of Cowrie's own outputs, and none of the old system.`,
    {
      hint: "Name a store of this schema, or a database with the tables sessions, auth and input that Cowrie fills.",
    },
  );
}

function has(old: OldStore, mark: string): boolean {
  const [table = "", column = ""] = mark.split(".");
  return old.tables.get(table)?.includes(column) === true;
}

async function* sessionsOf(old: OldStore, kind: Kind): AsyncGenerator<TheirSession[]> {
  const { table, id, beganAt, count } = kind;
  const columns = [id, beganAt, ...(count === undefined ? [] : [count])];
  const rows = { table, columns, textOf: beganAt, order: { column: id, by: "text" } } as const;
  for await (const page of old.pages(rows, pageRows)) {
    yield page.map((row) => ({
      // A server fills a char column up with blanks.
      session_id: textOf(row[id]).replace(/ +$/, ""),
      began_at: readTime(textOf(row[beganAt]))?.text ?? null,
      event_count: count === undefined ? null : Number(row[count]),
    }));
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
