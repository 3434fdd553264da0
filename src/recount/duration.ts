/** Ten years. */
const mostSeconds = 315_360_000;

interface Decimal {
  /** The digits before the point, without leading zeros. */
  whole: string;
  fraction: string;
}

/** A decimal number as its digits; null where it has too many before the point to count. */
function decimalOf(text: string): Decimal | null {
  const parts = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return null;
  const before = parts[1] ?? "";
  const all = before + (parts[2] ?? "");
  const digits = all.replace(/^0+/, "");
  if (digits === "") return { whole: "", fraction: "" };
  const point = before.length + Number(parts[3] ?? 0) - (all.length - digits.length);
  if (point > 12) return null;
  if (point < -12) return { whole: "", fraction: "000000000000" };
  if (point < 0) return { whole: "", fraction: "0".repeat(-point) + digits };
  return { whole: digits.slice(0, point).padEnd(point, "0"), fraction: digits.slice(point) };
}

function isOver(value: Decimal, most: number): boolean {
  const whole = Number(value.whole);
  return whole > most || (whole === most && /[1-9]/.test(value.fraction));
}

/** Decimal seconds as milliseconds, half up; null where they are no number, negative, or over ten years. */
export function millisecondsOfSeconds(text: string): number | null {
  const value = decimalOf(text);
  if (value === null || isOver(value, mostSeconds)) return null;
  const tenths = Number(value.fraction.slice(0, 4).padEnd(4, "0"));
  return Number(value.whole) * 1000 + Math.floor((tenths + 5) / 10);
}

/** Whole milliseconds; null where there is a decimal point without an exponent, a remainder, or over ten years. */
export function wholeMilliseconds(text: string): number | null {
  if (text.includes(".") && !/[eE]/.test(text)) return null;
  const value = decimalOf(text);
  if (value === null || /[1-9]/.test(value.fraction) || isOver(value, mostSeconds * 1000)) return null;
  return Number(value.whole);
}

/**
 * What `cowrie.session.closed` reports. `raw` gives the digits of a number as they stand in the record; a field
 * duration_ms that is a number decides, else the field duration, a number or text without an exponent.
 */
export function durationOf(
  fields: { duration?: unknown; duration_ms?: unknown },
  raw: (field: string) => string,
): number | null {
  if (typeof fields.duration_ms === "number") return wholeMilliseconds(raw("duration_ms"));
  if (typeof fields.duration === "number") return millisecondsOfSeconds(raw("duration"));
  if (typeof fields.duration !== "string" || /[eE]/.test(fields.duration)) return null;
  return millisecondsOfSeconds(fields.duration);
}
