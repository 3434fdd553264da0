import type pg from "pg";
import { CowriedbError, messageOf } from "../../errors.ts";
import { schemaRoutines } from "../../sql/generated.ts";
import { headerOf } from "../files/files.ts";
import {
  checkMark,
  fieldMessage,
  placeOf,
  probesOf,
  sendProbes,
  type Probe,
  type Routine,
} from "../procedures/postgres-compile.ts";
import { clientRows } from "../procedures/postgres-rows.ts";
import { lineAt } from "../files/statements.ts";

/** A routine of somebody's own that names what is not there. */
export interface RoutineFault {
  routine: Routine;
  /** Where in its body, where that is known. */
  at: number | undefined;
  message: string;
}

/** A file that was run, as it is named. */
export interface RunFile {
  name: string;
  text: string;
}

/**
 * Has PostgreSQL read the routines of somebody's own as they would be when they run, and takes back what that needs. What is found is
 * a table, column, function or field that is not there, and that nothing in the body makes; whatever else is said of a probe may be
 * the probe's own.
 */
export async function faultsOfRoutines(client: pg.Client): Promise<Map<string, RoutineFault>> {
  // Types are named whole then.
  await client.query("select set_config('search_path', 'pg_catalog', true)");
  const routines = (await clientRows(client, schemaRoutines, { of_store: 0 })).filter(isReadable);
  const found = new Map<string, RoutineFault>();
  // All of them in one message; where something is said of one, that one alone, and then ever more again.
  for (let at = 0, size = routines.length; at < routines.length;) {
    const some = routines.slice(at, at + size);
    const said = await firstSaid(client, some);
    const place = some.findIndex((routine) => routine === said?.routine);
    if (said !== undefined && some.length > 1) {
      // What stands before it was read and is sound, unless nothing was read at all.
      if (!said.isUnread && place > 0) at += place;
      size = place < 0 ? Math.ceil(some.length / 2) : said.isUnread ? Math.max(1, place) : 1;
      continue;
    }
    const [only] = some;
    if (said?.fault !== undefined && only !== undefined)
      found.set(`${nameOf(only)}(${only.arguments}) ${said.fault.message}`, said.fault);
    at += some.length;
    size *= 2;
  }
  return found;
}

/** Throws `migrate.does_not_compile` where a routine names what is not there that did not before; `Unchecked` in a header lets it be. */
export function refuseNewFaults(
  before: ReadonlyMap<string, RoutineFault>,
  after: ReadonlyMap<string, RoutineFault>,
  files: readonly RunFile[],
): void {
  const unchecked = new Set(
    files.flatMap(
      ({ text }) =>
        headerOf(text, "Unchecked")
          .split(":")[0]
          ?.match(/[\w.]+/g) ?? [],
    ),
  );
  for (const [key, { routine, at, message }] of after) {
    if (before.has(key) || unchecked.has(routine.name) || unchecked.has(nameOf(routine))) continue;
    const file = files.findLast(({ text }) => text.includes(routine.body));
    const line = lineAt(file?.text ?? "", (file?.text.indexOf(routine.body) ?? 0) + (at ?? 0));
    const place = file === undefined ? "" : `${file.name}.sql${at === undefined ? "" : `, line ${line}`}: `;
    throw new CowriedbError(
      "migrate.does_not_compile",
      `${place}${nameOf(routine)} does not compile: ${message}.`,
      {
        hint: `Its transaction was taken back. Mend it and run the command again; where what it names is made only when it runs, say so in the header: Unchecked: ${routine.name}: why`,
      },
    );
  }
}

function nameOf({ schema_name: schema, name }: Routine): string {
  return `${schema}.${name}`;
}

/** A trigger's function that is on no table has no row yet, a cursor's query is read when it is opened, and `$1` is another in a probe. */
function isReadable({ body, result, table_name: table }: Routine): boolean {
  const isOnNothing = /^(trigger|event_trigger)$/.test(result) && table === "";
  return body !== "" && !isOnNothing && !/\bcursor\b|\$\d/i.test(body);
}

/** What the server says first of some routines. */
interface Said {
  /** Of whom, where that is known. */
  routine: Routine | undefined;
  /** Whether nothing of what was sent was read, as it is no statement at all. */
  isUnread: boolean;
  /** Undefined where it may be the probe's own. */
  fault: RoutineFault | undefined;
}

async function firstSaid(client: pg.Client, routines: readonly Routine[]): Promise<Said | undefined> {
  const begin = `release ${checkMark}; ${checkMark};\n`;
  const probes = routines.flatMap((routine) => [pathProbe(routine), ...probesOf(routine)]);
  // Set alone: where a probe is no statement at all, nothing of what is sent with it is done.
  await client.query(checkMark);
  try {
    await sendProbes(client, begin, probes);
    return undefined;
  } catch (cause) {
    const { code = "" } = cause as { code?: string };
    // Who is in the way, or a connection that is gone, is not the routine's fault.
    if (!/^(0A|22|2F|3F|42)/.test(code)) throw cause;
    await client.query(`rollback to ${checkMark}; release ${checkMark}`);
    const place = placeOf(cause, probes, begin.length);
    const said: Said = { routine: place?.routine, isUnread: code === "42601", fault: undefined };
    if (place?.isInBody !== true || !isFault(cause, place.routine)) return said;
    const { routine, at } = place;
    const message = fieldMessage(messageOf(cause), routine.body.slice(at));
    return { ...said, fault: { routine, at, message } };
  }
}

/** The path on which a routine finds what it names. */
function pathProbe(routine: Routine): Probe {
  const text = `set local search_path ${routine.path === "" ? "to default" : `= ${routine.path}`};\n`;
  return { text, routine, from: 0, at: 0 };
}

function isFault(cause: unknown, { body }: Routine): boolean {
  const { code = "", message = "" } = cause as { code?: string; message?: string };
  // What a record holds may depend on the way to there.
  if (message.includes("cowriedb_record")) return false;
  // The name before the dot may be that of a block.
  const row = /^missing FROM-clause entry for table "(\w+)"/.exec(message)?.[1];
  if (row !== undefined) return row === "new" || row === "old";
  if (code === "42P01") return !/\bcreate\b[^;]*\btable\b|\binto\s+temp/i.test(body);
  return code === "42703" || code === "42883";
}
