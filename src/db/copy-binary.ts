/** What stands before the rows of COPY's binary form. */
export const copyHeader = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");

/** A view of the memory of a buffer, for numbers. */
export function viewOf(page: Buffer): DataView {
  return new DataView(page.buffer, page.byteOffset, page.length);
}

/** Copies a few bytes; a call of `copy` costs more than it saves there. Gives the place behind. */
export function putBytes(page: Buffer, at: number, bytes: Uint8Array, from: number, to: number): number {
  for (let index = from; index < to; index++) page[at + index - from] = bytes[index] as number;
  return at + to - from;
}

/** Writes an integer of 8 bytes with its length before it; `low` may exceed 32 bits. Gives the place behind. */
export function putLong(view: DataView, at: number, high: number, low: number): number {
  view.setInt32(at, 8);
  view.setInt32(at + 4, high + Math.floor(low / 4_294_967_296));
  view.setUint32(at + 8, low % 4_294_967_296);
  return at + 12;
}

/** Decimal digits as a number. */
export function decimal(bytes: Uint8Array, from: number, width: number): number {
  let value = 0;
  for (let at = from; at < from + width; at++) value = value * 10 + (bytes[at] as number) - 0x30;
  return value;
}

const daysTo2000 = 730_425;

/** Writes a time of 27 characters as microseconds since 2000, with its length before it; gives the place behind. */
export function putTime(view: DataView, at: number, times: Uint8Array, from: number): number {
  const year = decimal(times, from, 4);
  const month = decimal(times, from + 5, 2);
  // The year starts in March here, so that the leap day is its last.
  const march = month > 2 ? year : year - 1;
  const days =
    365 * march +
    Math.floor(march / 4) -
    Math.floor(march / 100) +
    Math.floor(march / 400) +
    Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) +
    decimal(times, from + 8, 2) -
    1;
  const seconds =
    (days - daysTo2000) * 86_400 +
    decimal(times, from + 11, 2) * 3600 +
    decimal(times, from + 14, 2) * 60 +
    decimal(times, from + 17, 2);
  // A million is 15,625 times 64: the product alone would not fit into a double.
  const parts = seconds * 15_625;
  const high = Math.floor(parts / 67_108_864);
  return putLong(view, at, high, (parts - high * 67_108_864) * 64 + decimal(times, from + 20, 6));
}
