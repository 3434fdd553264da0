/** A time as it is stored: 27 characters, UTC, microseconds; with what had to be assumed. */
export interface EventTime {
  text: string;
  /** The log gave no zone; UTC was assumed. */
  assumedZone: boolean;
  /** A leap second, taken as the first instant of the next minute. */
  leapSecond: boolean;
}

const form =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Reads an ISO 8601 time: `T` or a blank between date and time, any digits of a second (further than six are cut
 * off), `Z`, an offset in hours and minutes, or no zone. Undefined where it is no calendar time of the years 1 to 9999.
 */
export function readTime(text: string): EventTime | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > (daysOfMonth[month - 1] ?? 0)) return undefined;
  if (month === 2 && day === 29 && !isLeapYear(year)) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const offsetHours = Number(parts[10] ?? 0);
  const offsetMinutes = Number(parts[11] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (parts[9] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  const leapSecond = second === 60;
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hour, minute - offset, second, 0);
  const utcYear = instant.getUTCFullYear();
  if (utcYear < 1 || utcYear > 9999) return undefined;
  const digits = leapSecond ? "000000" : (parts[7] ?? "").slice(0, 6).padEnd(6, "0");
  return {
    text: `${instant.toISOString().slice(0, 19)}.${digits}Z`,
    assumedZone: parts[8] === undefined && parts[9] === undefined,
    leapSecond,
  };
}

/**
 * The text of `bytes[from, from + 27)` where it is already the stored form, else an empty string: the way of nearly
 * every line, without a regular expression.
 */
export function storedForm(bytes: Buffer, from: number, to: number): string {
  if (to - from !== 27) return "";
  for (let index = 0; index < 27; index++) {
    const byte = bytes[from + index] as number;
    const wanted = separators.charCodeAt(index);
    if (wanted === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== wanted) return "";
  }
  const month = pair(bytes, from + 5);
  const day = pair(bytes, from + 8);
  if (month < 1 || month > 12 || day < 1 || day > 28) return "";
  if (pair(bytes, from + 11) > 23 || pair(bytes, from + 14) > 59 || pair(bytes, from + 17) > 59) return "";
  if (pair(bytes, from) === 0 && pair(bytes, from + 2) === 0) return "";
  return bytes.toString("latin1", from, to);
}

const separators = "0000-00-00T00:00:00.000000Z";

function pair(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) - 0x30) * 10 + (bytes[at + 1] as number) - 0x30;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
