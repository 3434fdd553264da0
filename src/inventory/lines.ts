/** A line of a text file, without what ends it. */
export interface Line {
  /** Counted from 1. */
  number: number;
  text: string;
  /** The line was longer than `mostLineBytes`: the text is its start. */
  isCut: boolean;
}

/** Most bytes of a line, and of a record that has several. */
export const mostLineBytes = 1 << 20;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The lines of a stream of bytes. What is no UTF-8 is taken for Latin-1: old exports are. A line that is too long is handed out
 * once, cut; a byte order mark is taken away.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let number = 0;
  let isCut = false;
  const keep = (piece: Buffer): void => {
    isCut ||= keptBytes + piece.length > mostLineBytes;
    const part = piece.subarray(0, mostLineBytes - keptBytes);
    if (part.length > 0) kept.push(part);
    keptBytes += part.length;
  };
  const take = (): Line => {
    number++;
    const line = { number, text: textOf(kept, number), isCut };
    [kept, keptBytes, isCut] = [[], 0, false];
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
      keep(chunk.subarray(from, at));
      yield take();
      from = at + 1;
    }
    if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
  }
  if (keptBytes > 0) yield take();
}

function textOf(pieces: readonly Buffer[], number: number): string {
  const [first = Buffer.alloc(0)] = pieces;
  let bytes = pieces.length > 1 ? Buffer.concat(pieces) : first;
  if (bytes.at(-1) === 0x0d) bytes = bytes.subarray(0, -1);
  const hasMark = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (hasMark) bytes = bytes.subarray(3);
  return decoded(bytes);
}

function decoded(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}
