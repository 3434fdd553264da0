import type { LedgerFault, LedgerProof } from "../migrate/ledger.ts";
import { counted, red, visible } from "../term.ts";

const faults: Record<LedgerFault["fault"], string> = {
  changed: "is not what was written there, or follows another than it did",
  gone_before: "follows another than it did: what stood before it is gone",
  gone_behind: "is the last, and was not: what stood behind it is gone, or the head was changed",
  no_head: "is the last, and nothing says so: the head, entry 0, is gone",
};

/** What of the ledger is not as it was written, a line each. */
export function faultLines({ broken }: LedgerProof): string[] {
  return broken.map(
    ({ ledger_id, action, name, fault }) =>
      `${red("✘")} Entry ${ledger_id} of the ledger (${[action, visible(name)].join(" ").trim()}) ${faults[fault]}.`,
  );
}

/** How long the ledger is and where it ends. */
export function ledgerText({ entries, head }: LedgerProof): string {
  return head === null
    ? "its ledger has no chain yet"
    : `its ledger has ${counted(entries, "entry", "entries")}, head ${head}`;
}
