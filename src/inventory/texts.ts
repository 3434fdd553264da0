import { usageError, type CowriedbError } from "../errors.ts";
import { fieldsOfCells, fieldsOfObject, haveSubject, type Columns, type Fields } from "./columns.ts";
import { csvRecords } from "./csv.ts";
import { layoutOf, listed } from "./guess.ts";
import { objectOf } from "./json.ts";
import { chunksOf, type Input } from "./kind.ts";
import { linesOf, type Line } from "./lines.ts";
import { shown } from "./refused.ts";

/** A row of a text: its fields, or why it cannot be read. */
export interface TextRow {
  line: number;
  fields: Fields | string;
}

/** How a text is read. */
export interface TextReader {
  /** As it is told: `csv`, `ndjson` or `list`. */
  kind: string;
  rows(): AsyncGenerator<TextRow>;
}

/**
 * Makes the reader of a text file; `given` are the columns that the operator names. Throws `config.usage` where the file does not
 * say what its columns hold, or says nothing of its addresses.
 */
export function textReader(input: Input, given: Columns | undefined, label: string | null): TextReader {
  const lines = (): AsyncGenerator<Line> => linesOf(chunksOf(input));
  if (input.kind === "ndjson") return { kind: "ndjson", rows: () => objects(lines()) };
  const layout = layoutOf(input.head, given);
  const first = input.head.find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  const { columns, hasHeader, delimiter } = layout;
  if (columns === undefined || !haveSubject(columns)) throw columnsNeeded(input.shown, shown(first));
  if (layout.isList && label === null) throw labelNeeded(input.shown);
  if (layout.isList && !hasHeader) return { kind: "list", rows: () => entries(lines()) };
  return { kind: "csv", rows: () => records(lines(), delimiter, columns, hasHeader) };
}

function columnsNeeded(name: string, line: string): CowriedbError {
  return usageError(
    `${name} has no header, and its values do not say what they are: ${line}.`,
    "Name its columns, - for those to pass over: --columns first,last,asn,asn_name",
  );
}

function labelNeeded(name: string): CowriedbError {
  return usageError(
    `${name} is a list that says nothing of its addresses.`,
    "Say what they are: --label TOR",
  );
}

async function* objects(lines: AsyncIterable<Line>): AsyncGenerator<TextRow> {
  for await (const { number, text, isCut } of lines) {
    if (text.trim() === "") continue;
    const object = isCut ? "it is longer than 1 MiB" : objectOf(text);
    yield { line: number, fields: typeof object === "string" ? object : fieldsOfObject(object) };
  }
}

async function* entries(lines: AsyncIterable<Line>): AsyncGenerator<TextRow> {
  for await (const { number, text } of lines) {
    const address = listed(text);
    if (address !== "") yield { line: number, fields: { address } };
  }
}

async function* records(
  lines: AsyncIterable<Line>,
  delimiter: string,
  columns: Columns,
  hasHeader: boolean,
): AsyncGenerator<TextRow> {
  let isHeader = hasHeader;
  for await (const { line, cells, problem } of csvRecords(lines, delimiter)) {
    if (isHeader) isHeader = false;
    else yield { line, fields: problem ?? fieldsOfCells(cells, columns) };
  }
}
