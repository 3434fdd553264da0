/** An object that is written over several lines, as far as it has been read. */
export interface Block {
  lines: Buffer[];
  bytes: number;
  depth: number;
  /** The last line ends inside a string, which no object can do. */
  isBroken: boolean;
}

/** Starts a block with the line that opens the object. */
export function openBlock(line: Buffer): Block {
  const block: Block = { lines: [], bytes: 0, depth: 0, isBroken: false };
  addLine(block, line);
  return block;
}

/** Whether a line goes on with an object that the line before left open: with a key, or with its end. */
export function startsWithKeyOrEnd(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 32 && byte !== 9) return byte === 34 || byte === 125;
  }
  return false;
}

/** Whether a line cannot belong to an open block: an object at the margin, or NUL bytes, start something new. */
export function startsAnew(line: Buffer): boolean {
  return line[0] === 123 || line[0] === 0;
}

/** Adds a line; only its strings and brackets are looked at. */
export function addLine(block: Block, line: Buffer): void {
  let inString = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (byte === 34) inString = !inString;
    else if (inString && byte === 92) at += 1;
    else if (!inString && (byte === 123 || byte === 91)) block.depth += 1;
    else if (!inString && (byte === 125 || byte === 93)) block.depth -= 1;
  }
  block.isBroken = inString;
  block.lines.push(line);
  block.bytes += line.length + 1;
}

/** The bytes of a block from its first to its last character that is no white space. */
export function blockBytes(block: Block): Buffer {
  const joined = Buffer.concat(
    block.lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from("\n"), line])),
  );
  let start = 0;
  let end = joined.length;
  while (isSpace(joined[start])) start += 1;
  while (end > start && isSpace(joined[end - 1])) end -= 1;
  return joined.subarray(start, end);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13;
}
