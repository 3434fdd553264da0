import type pg from "pg";
import { quoted } from "../../db/texts.ts";
import { CowriedbError, messageOf } from "../../errors.ts";
import { schemaRoutines, type SchemaRoutinesRow } from "../../sql/generated.ts";
import { doesNotCompile, fileOf } from "./apply.ts";
import type { Procedure } from "../files/files.ts";
import { objectOf } from "../files/order.ts";
import { walk, type Piece, type Variable } from "./plpgsql.ts";
import { clientRows } from "./postgres-rows.ts";
import { lineAt, namesIn } from "../files/statements.ts";

export type Routine = SchemaRoutinesRow;

/** A statement of a check, and the piece of a body that it holds. */
export interface Probe {
  text: string;
  routine: Routine;
  /** Where the piece begins in `text`, and in the body. */
  from: number;
  at: number;
}

/**
 * Has PostgreSQL read every statement of every routine as it would when it runs. A body in PL/pgSQL is read only then, so each piece of SQL
 * in it is made a function in SQL with the variables as arguments, which is checked when it is made; all of them are taken back. What is
 * dynamic, and what uses a record that a dynamic query fills, cannot be checked so.
 */
export async function compileRoutines(client: pg.Client, procedures: readonly Procedure[]): Promise<void> {
  // One with SQL for its body, and no text, was read when it was made, and keeps what it needs from being dropped.
  const routines = (await clientRows(client, schemaRoutines, { of_store: 1 })).filter(
    ({ body }) => body !== "",
  );
  const probes = routines.flatMap(probesOf);
  if (probes.length === 0) return;
  const begin = `${checkMark};\n`;
  try {
    await sendProbes(client, begin, probes);
  } catch (cause) {
    throw refused(cause, probes, begin.length, procedures);
  }
}

/** Has the server carry out `begin`, which sets `checkMark`, and probes, and takes back what they did. */
export async function sendProbes(client: pg.Client, begin: string, probes: readonly Probe[]): Promise<void> {
  const texts = probes.map(({ text }) => text);
  await client.query(`${begin}${texts.join("")}rollback to ${checkMark}`);
  await client.query(`release ${checkMark}`);
}

/** What the message begins with that checks the routines; it changes nothing. */
export const checkMark = "savepoint cowriedb_check";

function refused(
  cause: unknown,
  probes: readonly Probe[],
  begin: number,
  procedures: readonly Procedure[],
): unknown {
  if (!/^(42|22|0A|2F|3F)/.test((cause as { code?: string }).code ?? "")) return cause;
  const place = placeOf(cause, probes, begin);
  if (place !== undefined) return atFault(place.routine, place.at, procedures, cause);
  const named = /SQL function "(\w+)"/.exec((cause as { where?: string }).where ?? "")?.[1];
  const routine = probes.find((probe) => probe.routine.name === named)?.routine;
  return routine === undefined ? cause : atFault(routine, undefined, procedures, cause);
}

/** Where in a routine's body is what the server complains of; `begin` is where the probes begin in what was sent. */
export function placeOf(
  cause: unknown,
  probes: readonly Probe[],
  begin: number,
): { routine: Routine; at: number | undefined; isInBody: boolean } | undefined {
  const { position, internalPosition, internalQuery = "" } = cause as Record<string, string | undefined>;
  const place = Number(position) - 1;
  let from = begin;
  for (const probe of probes) {
    const { routine } = probe;
    const isSql = routine.language === "sql";
    const isInside = place >= from && place < from + probe.text.length;
    const isBody = internalQuery !== "" && probe.text.includes(internalQuery);
    if (isInside || isBody || (isSql && routine.body === internalQuery)) {
      const inProbe = isInside
        ? place - from
        : probe.text.indexOf(internalQuery) + Number(internalPosition) - 1;
      const at = isSql ? Number(internalPosition) - 1 : probe.at + Math.max(0, inProbe - probe.from);
      return { routine, at: Number.isNaN(at) ? undefined : at, isInBody: isSql || inProbe >= probe.from };
    }
    from += [...probe.text].length;
  }
  return undefined;
}

function atFault(
  routine: Routine,
  at: number | undefined,
  procedures: readonly Procedure[],
  cause: unknown,
): CowriedbError {
  const base = routine.name.replace(/^tg_/, "");
  const file = procedures.find(({ name }) => objectOf(name) === base);
  if (file === undefined) {
    return new CowriedbError(
      "migrate.does_not_compile",
      `The routine ${routine.name} does not compile: ${messageOf(cause)}.`,
      {
        hint: "Nothing was changed. Mend it, or drop it, and run the command again.",
        cause,
      },
    );
  }
  const body = file.text.indexOf(routine.body);
  const line = at === undefined || body < 0 ? undefined : lineAt(file.text, body + at);
  const message = fieldMessage(messageOf(cause), routine.body.slice(at));
  return doesNotCompile(fileOf({ dialect: "postgres" }, file), line, routine.name, message, cause);
}

/** What is said of a field that a row has not, since PostgreSQL takes the row for a table then. */
export function fieldMessage(message: string, behind: string): string {
  const row = /^missing FROM-clause entry for table "(\w+)"/.exec(message)?.[1];
  const field = new RegExp(`^${row ?? ""}\\.(\\w+)`, "i").exec(behind)?.[1];
  return row === undefined || field === undefined ? message : `${row} has no field ${field}`;
}

/** A body in SQL was checked when it was made; here it is read again, with the tables as they are now. */
function sqlProbes(routine: Routine): Probe[] {
  const [name, schema] = [routine.name, routine.schema_name].map((one) => one.replaceAll("'", "''"));
  const text =
    "select pg_catalog.fmgr_sql_validator(p.oid) from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace " +
    `where p.proname = '${name ?? ""}' and n.nspname = '${schema ?? ""}';\n`;
  return [{ text, routine, from: 0, at: 0 }];
}

/** The statements that have a routine read. */
export function probesOf(routine: Routine): Probe[] {
  if (routine.language === "sql") return sqlProbes(routine);
  const { variables, tables } = seenBy(routine);
  const probes: Probe[] = tables.map((text) => ({ text, routine, from: 0, at: 0 }));
  const records = new Map<string, string>();
  for (const piece of walk(routine.body, variables).pieces) {
    const scope = [...new Map(piece.scope.map((variable) => [variable.name, variable])).values()].map(
      (variable) => ({
        ...variable,
        type: variable.type === "record" ? (records.get(variable.name) ?? "record") : variable.type,
      }),
    );
    const names = namesIn(piece.text, "postgres");
    if (scope.some(({ name, type }) => type === "record" && names.has(name) && !piece.into.includes(name)))
      continue;
    const known = scope.filter(({ type }) => type !== "record" && type !== "");
    const record = piece.into.find(
      (name) => scope.some((one) => one.name === name && piece.kind === "query") && isRecord(name, piece),
    );
    if (record !== undefined) {
      const view = `cowriedb_record_${records.size + 1}`;
      records.set(record, `pg_temp.${view}`);
      probes.push(recordProbe(routine, view, piece, known));
    } else probes.push(probeOf(routine, piece, known));
  }
  const views = [...records.values()].map((view) => `drop view if exists ${view} cascade;\n`);
  return [...probes, ...[...views, ...dropsOf(routine)].map((text) => ({ text, routine, from: 0, at: 0 }))];
}

function isRecord(name: string, { scope }: Piece): boolean {
  return scope.findLast((one) => one.name === name)?.type === "record";
}

/** What a body sees beside its own variables: arguments, and of a trigger the row, the tables of rows and what fires it. */
function seenBy(routine: Routine): { variables: Variable[]; tables: string[] } {
  const variables = routine.arguments
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, name = "", type = ""] = /^("(?:[^"]|"")+"|\S+) (.*)$/.exec(line) ?? [];
      return { name: name.replaceAll('"', ""), type };
    });
  variables.push({ name: "found", type: "boolean" });
  if (routine.result !== "trigger") return { variables, tables: [] };
  for (const name of ["tg_op", "tg_when", "tg_level", "tg_table_name", "tg_table_schema", "tg_name"])
    variables.push({ name, type: "text" });
  variables.push(
    { name: "tg_relid", type: "oid" },
    { name: "tg_nargs", type: "integer" },
    { name: "tg_argv", type: "text[]" },
  );
  // One that is on no table yet is put on some while they are needed.
  if (routine.table_name === "") return { variables, tables: [] };
  if (routine.is_row === 1)
    variables.push({ name: "new", type: routine.table_name }, { name: "old", type: routine.table_name });
  const tables = [routine.new_table, routine.old_table]
    .filter((name) => name !== "")
    .map((name) => `create view pg_temp.${quoted(name)} as select * from ${routine.table_name};\n`);
  return { variables, tables };
}

function dropsOf({ new_table, old_table }: Routine): string[] {
  return [new_table, old_table]
    .filter((name) => name !== "")
    .map((name) => `drop view pg_temp.${quoted(name)};\n`);
}

function probeOf(routine: Routine, piece: Piece, variables: readonly Variable[]): Probe {
  const name = `pg_temp.${quoted(routine.name)}`;
  const takes = variables.map((variable) => `${quoted(variable.name)} ${variable.type}`).join(", ");
  const [before, behind] = piece.kind === "query" ? ["", ""] : frameOf(routine, piece, variables);
  const head = `create function ${name}(${takes}) returns void language sql as $cowriedb_check$${before}`;
  return {
    text: `${head}${piece.text}${behind} -- ${piece.at}\n$cowriedb_check$; drop function ${name};\n`,
    routine,
    from: head.length,
    at: piece.at,
  };
}

/** What a value must become is asked too, where it is of a plain type. */
function frameOf(routine: Routine, { into }: Piece, variables: readonly Variable[]): [string, string] {
  const [target] = into;
  const type = target === "return" ? routine.result : variables.findLast(({ name }) => name === target)?.type;
  return type !== undefined && plainType.test(type) ? ["select cast((", `) as ${type})`] : ["select (", ")"];
}

const plainType =
  /^(bigint|integer|int|smallint|text|boolean|timestamptz|timestamp with time zone|date|interval|jsonb?|numeric|double precision|bytea|inet|uuid|name|oid)(\[\])?$/;

/** The columns of a record are those of its query: a view of it is its type. */
function recordProbe(routine: Routine, view: string, piece: Piece, variables: readonly Variable[]): Probe {
  const isPlain = ({ type }: Variable): boolean => plainType.test(type);
  const values = variables.filter(isPlain).map(({ name, type }) => `null::${type} as ${quoted(name)}`);
  const rows = variables
    .filter((variable) => !isPlain(variable))
    .map(({ name, type }) => `lateral (select (null::${type}).*) as ${quoted(name)}, `);
  const head =
    `create view pg_temp.${view} as select q.* from (select ${["1 as cowriedb_one", ...values].join(", ")}) as ${quoted(routine.name)}, ` +
    `${rows.join("")}lateral (`;
  return { text: `${head}${piece.text}) as q;\n`, routine, from: head.length, at: piece.at };
}
