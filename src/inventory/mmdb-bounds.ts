/** Most values of a record, and most bytes of its texts, pointers followed. */
const mostValues = 10_000;
const mostTextBytes = 1 << 20;
const mostDepth = 32;

/** What is left of a record's budget. */
interface Budget {
  values: number;
  textBytes: number;
}

/**
 * Sees that the value at `at` of an MMDB file is of a size that may be decoded: pointers may lead to pointers to the same values,
 * so that a kilobyte stands for more than fits in memory, or in a circle. Follows version 2.0 of the file format. Throws where it
 * is too great or damaged.
 */
export function checkBounds(bytes: Buffer, at: number, base: number): void {
  passValue(bytes, at, base, 0, { values: mostValues, textBytes: mostTextBytes });
}

/** Gives the position behind the value. */
function passValue(bytes: Buffer, at: number, base: number, depth: number, budget: Budget): number {
  if (depth > mostDepth) throw new Error("it is nested too deep");
  if (--budget.values < 0) throw new Error("it has too many values");
  const control = byteAt(bytes, at);
  let type = control >> 5;
  if (type === 1) {
    const size = (control >> 3) & 3;
    passValue(bytes, pointed(bytes, at, size, control) + base, base, depth + 1, budget);
    return at + size + 2;
  }
  let next = at + 1;
  if (type === 0) type = byteAt(bytes, next++) + 7;
  const more = Math.max(0, (control & 31) - 28);
  const size = more === 0 ? control & 31 : [29, 285, 65_821][more - 1]! + numberAt(bytes, next, more);
  next += more;
  // Maps are pairs, arrays are values, a boolean is its size; all else has so many bytes.
  if (type === 7 || type === 11) {
    for (let left = type === 7 ? size * 2 : size; left > 0; left--)
      next = passValue(bytes, next, base, depth + 1, budget);
    return next;
  }
  if (type === 14) return next;
  budget.textBytes -= size;
  if (budget.textBytes < 0) throw new Error("its texts are too long");
  if (next + size > bytes.length) throw new Error("it ends too soon");
  return next + size;
}

function pointed(bytes: Buffer, at: number, size: number, control: number): number {
  const own = size === 3 ? 0 : (control & 7) * 2 ** (8 * (size + 1));
  return own + numberAt(bytes, at + 1, size + 1) + [0, 2_048, 526_336, 0][size]!;
}

function numberAt(bytes: Buffer, at: number, length: number): number {
  if (at + length > bytes.length) throw new Error("it ends too soon");
  return bytes.readUIntBE(at, length);
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Error("it ends too soon");
  return byte;
}
