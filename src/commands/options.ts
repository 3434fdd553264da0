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
