import type DatabaseHandle from "better-sqlite3";
import { readFileSync } from "node:fs";
import type postgres from "postgres";
import { CowriedbError } from "../errors.ts";
import { packageFolder } from "../migrate/files/files.ts";

/** A column of a table or view, as an engine has it. */
interface EngineColumn {
  table: string;
  column: string;
  type: string;
  isView: boolean;
}

interface Note {
  table: string;
  column: string;
  unit: string;
  privacy: string;
  meaning: string;
}

const source = "migrations/dictionary.tsv";
const privacyClasses = ["none", "network id", "credential", "content"];

/**
 * The text of runbooks/reference/data-dictionary.md. Throws `dev.dictionary` where a column has no line in
 * migrations/dictionary.tsv, or a line there names nothing.
 */
export async function dictionary(handle: DatabaseHandle.Database, sql: postgres.Sql): Promise<string> {
  const notes = readNotes();
  const sqlite = sqliteColumns(handle);
  const other = await postgresColumns(sql);
  const known = new Set(
    [...sqlite, ...other].flatMap(({ table, column }) => [`${table}.`, `${table}.${column}`]),
  );
  const missing = [...known].filter((name) => !notes.has(name)).sort();
  const stale = [...notes.keys()].filter((name) => !known.has(name)).sort();
  if (missing.length + stale.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`has no line for ${missing.map(shown).join(", ")}`] : []),
      ...(stale.length > 0 ? [`has lines for ${stale.map(shown).join(", ")}, which are in no engine`] : []),
    ];
    throw new CowriedbError("dev.dictionary", `${source} ${parts.join("; and it ")}.`, {
      hint: "A line is table, column, unit, privacy and meaning, with tabs between; the column of a table's own line is empty.",
    });
  }
  return dictionaryText(notes, sqlite, other);
}

function shown(name: string): string {
  return name.replace(/\.$/, "");
}

function readNotes(): Map<string, Note> {
  const [, ...lines] = readFileSync(packageFolder + source, "utf8")
    .trimEnd()
    .split("\n");
  const notes = new Map<string, Note>();
  for (const [index, line] of lines.entries()) {
    const [table = "", column = "", unit = "", privacy = "", meaning = "", ...rest] = line.split("\t");
    const name = `${table}.${column}`;
    const isWhole =
      meaning !== "" && rest.length === 0 && (column === "" || privacyClasses.includes(privacy));
    if (!isWhole || notes.has(name)) {
      throw new CowriedbError(
        "dev.dictionary",
        `${source}:${index + 2} is no line of its own with five fields: ${line}`,
      );
    }
    notes.set(name, { table, column, unit, privacy, meaning });
  }
  return notes;
}

function sqliteColumns(handle: DatabaseHandle.Database): EngineColumn[] {
  const rows = handle
    .prepare(
      `select s.name as "table", c.name as "column", c.type, s.type = 'view' as isView
       from sqlite_schema as s join pragma_table_xinfo(s.name) as c
       where s.type in ('table', 'view') and s.name not like 'sqlite~_%' escape '~'
       order by s.name, c.cid`,
    )
    .all() as (Omit<EngineColumn, "isView"> & { isView: number })[];
  return rows.map((row) => ({ ...row, type: row.type.toLowerCase(), isView: row.isView === 1 }));
}

async function postgresColumns(sql: postgres.Sql): Promise<EngineColumn[]> {
  return (await sql`
    select
      c.relname::text as "table",
      a.attname::text as "column",
      format_type(a.atttypid, a.atttypmod) as type,
      c.relkind = 'v' as "isView"
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname = 'cowrie' and c.relkind in ('r', 'p', 'v')
    order by c.relname collate "C", a.attnum
  `) as unknown as EngineColumn[];
}

function dictionaryText(notes: Map<string, Note>, sqlite: EngineColumn[], other: EngineColumn[]): string {
  const names = [...new Set([...sqlite, ...other].map(({ table }) => table))].sort();
  const isView = (table: string): boolean =>
    [...sqlite, ...other].some((row) => row.table === table && row.isView);
  const section = (table: string): string[] => {
    const ours = sqlite.filter((row) => row.table === table);
    const theirs = other.filter((row) => row.table === table);
    const columns = [...new Set([...ours, ...theirs].map(({ column }) => column))];
    const typeIn = (rows: EngineColumn[], column: string): string => {
      const found = rows.find((row) => row.column === column);
      return found === undefined ? "–" : found.type || "any";
    };
    return [
      `### ${table}`,
      "",
      notes.get(`${table}.`)?.meaning ?? "",
      "",
      "| column | SQLite | PostgreSQL | unit | privacy | meaning |",
      "| --- | --- | --- | --- | --- | --- |",
      ...columns.map((column) => {
        const note = notes.get(`${table}.${column}`);
        const cells = [
          column,
          typeIn(ours, column),
          typeIn(theirs, column),
          note?.unit,
          note?.privacy,
          note?.meaning,
        ];
        return `| ${cells.map((cell) => (cell ?? "").replaceAll("|", "\\|")).join(" | ")} |`;
      }),
      "",
    ];
  };
  return [
    "# Data dictionary",
    "",
    `Generated by \`npm run gen\` from the engines and ${source}. Do not edit.`,
    "",
    "A dash stands where an engine does not have the column; `any` where SQLite does not tell the type of an expression.",
    "Privacy: `network id` names a machine or network, `credential` is or may hold a secret, `content` is what an",
    "attacker sent, `none` is neither.",
    "",
    "## Tables",
    "",
    ...names.filter((name) => !isView(name)).flatMap(section),
    "## Views",
    "",
    ...names.filter(isView).flatMap(section),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}
