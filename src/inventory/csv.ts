import { mostLineBytes, type Line } from "./lines.ts";

/** A record of a CSV file; `problem` says why it cannot be read. */
export interface CsvRecord {
  /** The line that it begins in. */
  line: number;
  cells: string[];
  problem: string | null;
}

/** Lines that a quoted value may go over. */
const mostLines = 200;

/**
 * The records of a CSV file (RFC 4180: values with quotes, doubled quotes, line breaks within quotes). A record that is none is
 * told as such and costs only its first line: the reading goes on with the next one. That is why no package does it here:
 * csv-parse 7.0.3 gives nothing any more behind a value that is too long or a quote that is not closed.
 */
export async function* csvRecords(lines: AsyncIterable<Line>, delimiter: string): AsyncGenerator<CsvRecord> {
  const source = lines[Symbol.asyncIterator]();
  /** Lines that were looked at for the end of a quoted value that had none. */
  const waiting: Line[] = [];
  const nextLine = async (): Promise<Line | undefined> => {
    const line = waiting.shift();
    if (line !== undefined) return line;
    const { value, done } = await source.next();
    return done === true ? undefined : value;
  };
  for (let line = await nextLine(); line !== undefined; line = await nextLine()) {
    if (isBlank(line.text)) continue;
    if (!line.text.includes('"') && !line.isCut) {
      yield { line: line.number, cells: line.text.split(delimiter), problem: null };
      continue;
    }
    const { text, problem, behind } = await wholeRecord(line, nextLine);
    const cells = problem === null ? cellsOf(text, delimiter) : undefined;
    if (cells === undefined) waiting.unshift(...behind);
    const why = cells === undefined ? (problem ?? "a quote stands where none may be") : null;
    yield { line: line.number, cells: cells ?? [], problem: why };
  }
}

/** A line that says nothing: blank, or a comment. */
function isBlank(text: string): boolean {
  return text.trim() === "" || text.startsWith("#");
}

/** Adds lines until every quote is closed; `behind` are those that were added, to be read by themselves where it is no record. */
async function wholeRecord(
  first: Line,
  nextLine: () => Promise<Line | undefined>,
): Promise<{ text: string; problem: string | null; behind: Line[] }> {
  const behind: Line[] = [];
  const parts = [first.text];
  let quotes = quotesIn(first.text);
  let length = first.text.length;
  let isCut = first.isCut;
  while (!isCut && quotes % 2 === 1) {
    const line = behind.length < mostLines ? await nextLine() : undefined;
    if (line === undefined) return { text: "", problem: "a quoted value does not end", behind };
    behind.push(line);
    parts.push(line.text);
    quotes += quotesIn(line.text);
    length += line.text.length;
    isCut = line.isCut || length > mostLineBytes;
  }
  return { text: parts.join("\n"), problem: isCut ? "it is longer than 1 MiB" : null, behind };
}

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

/** The values of one record whose quotes are closed; undefined where a quote stands within a value that has none around it. */
export function cellsOf(text: string, delimiter: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ;) {
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end < text.length - 1 && text[end + 1] !== delimiter) return undefined;
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const next = text.indexOf(delimiter, at);
      const end = next < 0 ? text.length : next;
      const cell = text.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
      at = end;
    }
    if (at >= text.length) return cells;
    at++;
    if (at === text.length) {
      cells.push("");
      return cells;
    }
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at < 0 ? text.length : at;
}
