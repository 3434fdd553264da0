import type { Dialect, Runbook } from "./parse.ts";
import { planOf } from "./plan.ts";

/** What the Undo of a runbook is: steps that the program takes or checks, or the statement that there is nothing to do. */
export type UndoKind = "steps" | "nothing";

const engineOf = { SQLite: "sqlite", PostgreSQL: "postgres" } as const;

/**
 * What the Undo of a runbook is on an engine; undefined where it leaves all to a person and does not say, as "Nothing is to be
 * undone: …" at the beginning of a step, that there is nothing to do.
 */
export function undoOf(runbook: Runbook, dialect: Dialect): UndoKind | undefined {
  const steps = runbook.sections.find(({ heading }) => heading === "Undo")?.steps ?? [];
  const isNothing = steps.some(({ text }) => {
    const said = /^(?:(SQLite|PostgreSQL): n|N)othing is to be undone: \S/.exec(text);
    const engine = said?.[1] as keyof typeof engineOf | undefined;
    return said !== null && (engine === undefined || engineOf[engine] === dialect);
  });
  if (isNothing) return "nothing";
  return planOf(runbook, "undo", dialect).some(({ kind }) => kind !== "person") ? "steps" : undefined;
}
