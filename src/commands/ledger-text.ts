import type { EditedDown } from "../migrate/history/down-files.ts";
import type { LedgerFault, LedgerProof } from "../migrate/ledger.ts";
import type { Standing } from "../migrate/migrate.ts";
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

/** Which files were edited since their migrations were applied, a line each. */
export function changedLines(changed: readonly Standing[]): string[] {
  return changed.map(
    ({ name }) =>
      `${red("✘")} ${visible(name)}: its file is another than when it was applied; the ledger has what was. Next: restore it; where its comments alone are others, accept it: cowriedb migrate bless ${visible(name)} --reason "…"`,
  );
}

/** Those of `names` whose up file was edited since they were applied. */
export function changedAmong(standings: readonly Standing[], names: readonly string[]): string[] {
  const changed = standings.filter(({ state }) => state === "changed").map(({ name }) => name);
  return names.filter((name) => changed.includes(name));
}

/** Which down files were edited since their migrations were applied, a line each. */
export function editedLines(edited: readonly EditedDown[]): string[] {
  return edited.map(
    ({ name, is }) =>
      `${red("✘")} ${visible(name)}: its down file ${is === null ? "is gone" : "is another than when it was applied"}. Next: restore it, or accept it: cowriedb migrate bless ${visible(name)} --reason "…"`,
  );
}

/** The same of both as sentences for who is about to take them back. */
export function editedText(edited: readonly EditedDown[], changed: readonly string[]): string {
  const since = (names: readonly string[]): string =>
    `Edited since ${names.length === 1 ? "it was" : "they were"} applied`;
  const downs = edited.map(({ name }) => visible(name));
  const ups = changed.map(visible);
  return [
    ...(downs.length === 0 ? [] : [` ${since(downs)}: the down file of ${downs.join(", ")}.`]),
    ...(ups.length === 0
      ? []
      : [` ${since(ups)}: the up file of ${ups.join(", ")}; what was applied is taken back.`]),
  ].join("");
}
