import { cellsOf } from "./csv.ts";
import { columnsOf, haveFacts, haveSubject, type Columns } from "./columns.ts";
import { rangeOf, subjectOf } from "./network.ts";

/** How the rows of a text file are to be read. */
export interface Layout {
  delimiter: string;
  /** Undefined where neither a header nor the values say what the columns hold. */
  columns: Columns | undefined;
  hasHeader: boolean;
  /** One address or network a line, and nothing else. */
  isList: boolean;
}

const delimiters = [",", ";", "\t"] as const;
const sampleRows = 20;

/** Finds out how the rows of a text are to be read, by its first lines; `given` are the columns that the operator names. */
export function layoutOf(lines: readonly string[], given: Columns | undefined): Layout {
  const sample = lines.filter((line) => !/^\s*([#;].*)?$/.test(line)).slice(0, sampleRows + 1);
  const delimiter = delimiterOf(sample);
  const rows = sample.map((line) => cellsOf(line, delimiter)).filter((cells) => cells !== undefined);
  const [first = []] = rows;
  const header = columnsOf(first);
  const hasHeader = haveSubject(header) && !first.some(isValue);
  if (given !== undefined) return { delimiter, columns: given, hasHeader, isList: false };
  if (hasHeader) return { delimiter, columns: header, hasHeader, isList: !haveFacts(header) };
  const isList = rows.length > 0 && most(rows, (cells) => isSubject(listed(cells[0] ?? "")) && isBare(cells));
  if (isList) return { delimiter, columns: ["address"], hasHeader, isList };
  return { delimiter, columns: guesses.find(({ fits }) => most(rows, fits))?.columns, hasHeader, isList };
}

/** The entry of a line of a list, without a comment behind it. */
export function listed(line: string): string {
  return line.replace(/\s*[#;].*$/, "").trim();
}

/** The delimiter that stands in most lines; a comma where none does. */
function delimiterOf(lines: readonly string[]): string {
  const counts = delimiters.map((delimiter) => lines.filter((line) => line.includes(delimiter)).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Headless files that say by their values what they are: those of ip-location-db, and a few more. */
const guesses: readonly { columns: Columns; fits(cells: readonly string[]): boolean }[] = [
  {
    columns: ["first", "last", "asn", "asn_name"],
    fits: (cells) => cells.length <= 4 && isRange(cells) && isAsn(cells[2] ?? ""),
  },
  {
    columns: ["first", "last", "country"],
    fits: (cells) => cells.length === 3 && isRange(cells) && isCountry(cells[2] ?? ""),
  },
  {
    columns: ["address", "asn", "asn_name"],
    fits: (cells) => cells.length <= 3 && isSubject(cells[0] ?? "") && isAsn(cells[1] ?? ""),
  },
  {
    columns: ["address", "country"],
    fits: (cells) => cells.length === 2 && isSubject(cells[0] ?? "") && isCountry(cells[1] ?? ""),
  },
  {
    columns: ["address", "enrichment"],
    fits: (cells) => cells.length === 2 && isSubject(cells[0] ?? "") && (cells[1] ?? "").startsWith("{"),
  },
];

function most(rows: readonly string[][], fits: (cells: readonly string[]) => boolean): boolean {
  return rows.filter(fits).length * 2 > rows.length;
}

/** Nothing but the entry: what stands behind `;` is a comment. */
function isBare(cells: readonly string[]): boolean {
  return cells.length === 1 || /\s$/.test(cells[0] ?? "");
}

function isSubject(text: string): boolean {
  return typeof subjectOf(text) !== "string";
}

function isRange(cells: readonly string[]): boolean {
  return cells.length >= 3 && typeof rangeOf(cells[0] ?? "", cells[1] ?? "") !== "string";
}

function isAsn(text: string): boolean {
  return /^\s*(AS)?\d{1,10}\s*$/i.test(text);
}

function isCountry(text: string): boolean {
  return /^\s*[A-Za-z]{2}\s*$/.test(text);
}

/** Whether a cell is a value, and so not the name of a column. */
function isValue(text: string): boolean {
  return isSubject(text) || /^\s*(\d+|[0-9a-f]{64}|\{.*)\s*$/i.test(text);
}
