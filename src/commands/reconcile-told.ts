import type { TakenRun } from "../reconcile/lease.ts";
import type { Reconciled } from "../reconcile/reconcile.ts";
import { reported, type NoteRun, type ReportOptions } from "./reported.ts";
import type { StopRequest } from "./signals.ts";

/** Runs a reconciliation with a status file and hooks, where they are asked for. */
export async function told(
  options: ReportOptions,
  { mode, jobId }: TakenRun,
  stop: StopRequest,
  work: (note: NoteRun) => Promise<Reconciled>,
): Promise<Reconciled> {
  const isQuick = mode === "quick";
  const run = {
    ...{ kind: `reconcile_${mode}`, id: jobId, stop },
    first: { phase: "proving", unit: isQuick ? "batch" : "range" },
    // A quick one may run every hour: that it ended well is no news.
    ...(isQuick ? { events: ["job.failed", "drift.found"] as const } : {}),
    // Another one has taken it over, and proves what this one would have.
    quiet: ["reconcile.busy"],
  };
  return reported(options, run, async (note) => {
    const found = await work(note);
    const counts = Object.fromEntries(
      found.classes.filter((row) => row.open_findings > 0).map((row) => [row.class, row.open_findings]),
    );
    const ended = { result: found, counts, exitCode: found.exit };
    if (!found.is_stopped) return ended;
    return { ...ended, state: found.run.job_state === "cancelled" ? "cancelled" : "interrupted" };
  });
}
