const zero = 0x30;

/** The bytes of `0000-00-00T00:00:00.000000Z`, whose zeros stand for any digit. */
const form = Buffer.from("0000-00-00T00:00:00.000000Z");

/** Whether 27 bytes are an instant in the one form that a store has, with a day that the month has; the year 0 is none. */
export function isInstant(bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < form.length; index++) {
    const [sign, wanted] = [bytes[from + index] as number, form[index] as number];
    if (wanted === zero ? sign < zero || sign > 0x39 : sign !== wanted) return false;
  }
  const year = 100 * two(bytes, from) + two(bytes, from + 2);
  const [month, day] = [two(bytes, from + 5), two(bytes, from + 8)];
  return (
    year > 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    (day <= 28 || day <= daysOf(year, month)) &&
    two(bytes, from + 11) < 24 &&
    two(bytes, from + 14) < 60 &&
    two(bytes, from + 17) < 60
  );
}

function two(bytes: Uint8Array, at: number): number {
  return 10 * ((bytes[at] as number) - zero) + (bytes[at + 1] as number) - zero;
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (month === 2) return isLeap ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
