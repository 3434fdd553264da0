import { watchedField } from "./fields.ts";
import { scan } from "./scan.ts";

/** A row of `event_fields` that has a flag: the JSON types a field may have. */
export interface FieldType {
  /** An event id, or `*` for every event. */
  eventType: string;
  field: string;
  /** As `number,string`. */
  jsonTypes: string;
  flag: string;
}

/** What is looked at in one field. */
interface FieldCheck {
  field: number;
  allowed: number;
  flag: string;
}

const bitOf: Readonly<Record<string, number>> = { string: 1, number: 2, boolean: 4, array: 8, object: 16 };
const anyType = 31;

/** The bit of the JSON type that a value's first byte tells; null has them all. */
const typeOfByte = new Uint8Array(256).fill(bitOf["number"] as number);
typeOfByte[0x22] = bitOf["string"] as number;
typeOfByte[0x74] = typeOfByte[0x66] = bitOf["boolean"] as number;
typeOfByte[0x5b] = bitOf["array"] as number;
typeOfByte[0x7b] = bitOf["object"] as number;
typeOfByte[0x6e] = anyType;

let adopted: readonly FieldType[] | undefined;
let general: readonly FieldCheck[] = [];
let ofType: ReadonlyMap<string, readonly FieldCheck[]> = new Map();

/**
 * Makes the scan look at the fields of these rows. To be called before the first record is scanned; the gate calls it too,
 * once for every list.
 */
export function adoptFields(types: readonly FieldType[]): void {
  if (types === adopted) return;
  const checksOf = (eventType: string): FieldCheck[] =>
    types
      .filter((type) => type.eventType === eventType)
      .flatMap(({ field, jsonTypes, flag }) => {
        const number = watchedField(field);
        const allowed = jsonTypes.split(",").reduce((bits, type) => bits | (bitOf[type] ?? 0), 0);
        return number === undefined ? [] : [{ field: number, allowed, flag }];
      });
  const common = checksOf("*");
  const own = new Map<string, FieldCheck[]>();
  for (const { eventType } of types) {
    if (eventType === "*" || own.has(eventType)) continue;
    const checks = checksOf(eventType);
    // What an event says of a field goes before what all events say.
    const rest = common.filter(({ field }) => checks.every((check) => check.field !== field));
    own.set(eventType, [...checks, ...rest]);
  }
  adopted = types;
  general = common;
  ofType = own;
}

/** Adds the flags of the scanned object's fields that have another type than they may. */
export function noteTypes(
  bytes: Buffer,
  eventType: string,
  types: readonly FieldType[],
  flags: string[],
): void {
  if (types !== adopted) adoptFields(types);
  const checks = ofType.size === 0 ? general : (ofType.get(eventType) ?? general);
  for (const { field, allowed, flag } of checks) {
    const start = scan.start[field] as number;
    if (start >= 0 && ((typeOfByte[bytes[start] as number] as number) & allowed) === 0) flags.push(flag);
  }
}
