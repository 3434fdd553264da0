import { digestOf } from "../checksum.ts";
import type { GateRules } from "./gate.ts";

/**
 * The version of what the gate's code lets through. Raise it with every change after which a record that was refused may
 * pass: dead letters are then tried anew. tests/events/gate-outcomes.test.ts keeps what each version makes of hostile records.
 */
export const gateVersion = 1;

/** The version of the gate and of the registry that it goes by, 16 hexadecimal digits. */
export function rulesVersion(rules: GateRules): string {
  const { eventTypes, sessionIdentifiers, fieldTypes } = rules;
  const types = [...eventTypes].sort(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify([gateVersion, types, sessionIdentifiers, fieldTypes]);
  return digestOf(Buffer.from(text)).toString("hex", 0, 8);
}
