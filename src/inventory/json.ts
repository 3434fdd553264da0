import { found, type Found } from "../events/found.ts";
import { portableRecord } from "../events/portable.ts";
import { scan, scanValue } from "../events/scan.ts";

/** An object of a file. */
export type JsonObject = Record<string, unknown>;

const reasons: Partial<Record<Found, string>> = {
  [found.truncated]: "the JSON ends too soon",
  [found.controlChar]: "the JSON has a control character in a string",
  [found.tooDeep]: "the JSON is nested too deep",
  [found.tooManyKeys]: "the JSON has too many keys",
  [found.duplicateKey]: "the JSON has a key twice",
  [found.blank]: "there is no JSON",
};

/**
 * Reads one JSON object as strictly as a log's: no key twice, nested at most 64 deep. What an engine cannot store gets its
 * visible form; a whole number that a double would change is refused. Gives what is wrong as text.
 */
export function objectOf(text: string): JsonObject | string {
  const bytes = Buffer.from(text);
  const outcome = scanValue(bytes, 0, bytes.length);
  if (outcome !== found.value) return reasons[outcome] ?? "it is no JSON";
  if (bytes.toString("utf8", scan.end).trim() !== "") return "something follows the JSON";
  if (scan.kind !== 0x7b) return "the JSON is no object";
  const sound = scan.needsPortable ? portableRecord(bytes, 0, scan.end).payload.toString("utf8") : text;
  const value = JSON.parse(sound) as JsonObject;
  return hasUnsafeNumber(value) ? "the JSON has a whole number beyond 2^53" : value;
}

function hasUnsafeNumber(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnsafeNumber);
}

/** A row as JSON, without what is null, and with the keys in order: equal rows give equal texts. */
export function rowJson(row: object): string {
  const said = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  return JSON.stringify(said, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
