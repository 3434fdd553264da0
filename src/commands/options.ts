import { usageError } from "../errors.ts";

/** Reads an option that is a whole number from 1 to `most`, in decimal digits; `usual` where it is not given. */
export function wholeNumber(option: string, text: string, usual: number, most: number): number {
  if (text === "") return usual;
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < 1 || number > most) {
    throw usageError(`${option} must be a whole number from 1 to ${most}; got ${JSON.stringify(text)}.`);
  }
  return number;
}

/**
 * Reads an option that is an instant, as `2026-01-05` or `2026-01-05T10:00:00Z`, in the form that is stored; null where it
 * is not given.
 */
export function instant(option: string, text: string): string | null {
  if (text === "") return null;
  const form = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)?Z)?$/.exec(text);
  const whole = `${form?.[1] ?? ""}T${form?.[2] ?? "00:00"}${form?.[3] ?? ":00"}.000`;
  const time = form === null ? Number.NaN : Date.parse(`${whole}Z`);
  // Date takes 30 February for 2 March, and 24:00 for the next day.
  if (Number.isNaN(time) || new Date(time).toISOString() !== `${whole}Z`) {
    throw usageError(
      `${option} is no instant: ${JSON.stringify(text)}.`,
      "Write it in UTC, as 2026-01-05 or 2026-01-05T10:00:00Z.",
    );
  }
  return `${whole}000Z`;
}

/** A text option; null where it is not given. */
export function optional(text: string): string | null {
  return text === "" ? null : text;
}

/** Reads `--from` and `--to`: instants, the first before the second; null where one is not given. */
export function range(options: { from: string; to: string }): { from: string | null; to: string | null } {
  const [from, to] = [instant("--from", options.from), instant("--to", options.to)];
  if (from !== null && to !== null && from >= to)
    throw usageError("--from must be before --to.", "Give a range with some time in it.");
  return { from, to };
}

/** The number of a row, as `12`, that is the only word of a command; undefined where it is anything else. */
export function rowNumber(words: readonly string[]): number | undefined {
  const [word = ""] = words;
  return words.length === 1 && /^[1-9][0-9]{0,14}$/.test(word) ? Number(word) : undefined;
}
