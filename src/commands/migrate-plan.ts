import type { Estimate, PlannedLock, Step } from "../migrate/costs/estimate.ts";
import { counted, table, visible } from "../term.ts";

/** What is planned of one migration, as its header says it. */
interface Planned {
  name: string;
  why: string;
  locks: string;
  undo: string;
  transaction?: string;
  reversible: boolean;
}

type Plan = Estimate & { plan_id: string; dialect: "sqlite" | "postgres"; steps: Step[] };

/** So many procedures are named one by one. */
export const mostNamed = 10;

/** What every plan's document has. */
export function planDocument({ plan_id, predicted_ms, locks, unknown, steps }: Plan): object {
  return { plan_id, predicted_ms, locks, unknown_locks: unknown, steps };
}

/** A plan for people; `whole` adds every statement as it is sent. */
export function planText(plan: Plan, migrations: readonly Planned[], whole: boolean): string {
  const several = new Set(plan.steps.map(({ transaction }) => transaction)).size > 1;
  const isAlone = migrations.some(
    ({ name, transaction }) => transaction === "none" && plan.locks.some(({ by }) => by === name),
  );
  const named = plan.locks.filter(({ is_view }) => whole || !is_view);
  const views = plan.locks.length - named.length;
  const locks = named.map((lock) => [...(several ? [`${lock.transaction}.`] : []), ...lockCells(lock)]);
  return [
    ...migrations.map(migrationText),
    ...(plan.dialect === "sqlite"
      ? ["Each transaction holds the write lock of the file from its begin to its end."]
      : []),
    ...(locks.length === 0
      ? plan.dialect === "sqlite"
        ? []
        : ["Locks nothing that is there."]
      : [
          several
            ? `Locks, each held to the end of its transaction${isAlone ? ", outside of any to that of its statement" : ""}:`
            : "Locks, all held to the end of the one transaction:",
          table(locks).replaceAll(/^/gm, "  "),
        ]),
    ...(views === 0
      ? []
      : [`And ${counted(views, "view")}, which nobody can read meanwhile; --verbose names them.`]),
    ...plan.unknown.map((of) => `What ${of} locks no rule can say; it can be measured.`),
    ...(whole ? plan.steps.map(stepText) : []),
    `Time: ${timeText(plan.predicted_ms)}`,
  ].join("\n");
}

/** The procedures that are put in place or dropped. */
export function proceduresText(
  procedures: readonly { name: string; state: string }[],
  whole: boolean,
): string[] {
  if (whole || procedures.length <= mostNamed)
    return procedures.map(({ name, state }) => `procedures/${name}: ${state}`);
  return [
    `${counted(procedures.length, "procedure is", "procedures are")} put in place or dropped; --verbose names them.`,
  ];
}

function migrationText({ name, why, locks, undo, transaction, reversible }: Planned): string {
  const lines: [string, string][] = [
    ["Why", why],
    ["Locks", locks],
    ["Undo", reversible ? undo : `There is no down file: it cannot be taken back. ${undo}`.trimEnd()],
  ];
  if (transaction !== undefined) lines.push(["Transaction", transaction]);
  const width = transaction === undefined ? 6 : 12;
  // A folder of somebody's own need not have a header.
  const said = lines.filter(([, text]) => text !== "");
  return [name, ...said.map(([key, text]) => `  ${`${key}:`.padEnd(width)} ${visible(text)}`)].join("\n");
}

function lockCells(lock: PlannedLock): string[] {
  const blocked = lock.blocks_reads
    ? "stops reads and writes"
    : lock.blocks_writes
      ? "stops writes"
      : "stops nobody";
  const works = {
    catalog: "",
    scan: "reads all of it",
    rewrite: "writes all of it anew",
    rows: "writes rows",
  };
  const rows = lock.rows === null ? "" : ` (${counted(lock.rows, "row")})`;
  const held = lock.held_ms === null ? "" : `for ${secondsText(lock.held_ms)}`;
  return [
    visible(lock.table),
    lock.lock,
    blocked,
    `${works[lock.work]}${rows}`,
    held,
    `by ${visible(lock.by)}`,
  ];
}

function stepText({ of, text }: Step): string {
  const shown = text.trim().split("\n").map(visible).join("\n");
  return `-- ${visible(of)}\n${shown}${shown.endsWith(";") ? "" : ";"}`;
}

function timeText(ms: number | null): string {
  return ms === null
    ? "not known; something in it was not measured."
    : `${secondsText(ms)}, by what was measured.`;
}

function secondsText(ms: number): string {
  return ms < 100 ? "less than 0.1 s" : `about ${(ms / 1000).toFixed(1)} s`;
}
