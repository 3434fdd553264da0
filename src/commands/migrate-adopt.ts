import { randomUUID } from "node:crypto";
import { adopt, type AdoptProgress, type AdoptResult } from "../adopt/adopt.ts";
import { targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { bold, counted, green, grouped, table, visible } from "../term.ts";
import { nowText } from "../instant.ts";
import { answer, type CommonOptions } from "./output.ts";
import { reported, type ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore } from "./store.ts";

/** Options of `cowriedb migrate adopt`. */
export interface AdoptOptions extends CommonOptions, ReportOptions {
  from: string;
  "dry-run": boolean;
}

const units = { events: "event", sessions: "session", inventory: "row" } as const;

/** `cowriedb migrate adopt`: takes over a database of the old system, and reports what differs from it. */
export async function adoptStore(options: AdoptOptions): Promise<ExitCode> {
  if (options.from === "")
    throw usageError("migrate adopt needs --from.", "Run: cowriedb migrate adopt --help");
  const from = targetOf(options.from, {}, "--from");
  const dryRun = options["dry-run"];
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "events", unit: "event", current: 0, total: null };
  const run = { kind: "adopt", id: randomUUID(), first, stop };
  const result = await reported(options, run, async (note) => {
    const progress = jobProgress(dryRun ? "Reading" : "Adopting", options.quiet, first);
    const onProgress = ({ phase, current, total }: AdoptProgress): void => {
      const standing = { ...first, phase, current, total, unit: units[phase] };
      progress.show(standing);
      note(standing);
    };
    const now = nowText();
    const done = await withStore(options, async (database) =>
      adopt(database, from, { dryRun, now, stop, onProgress }),
    ).finally(progress.end);
    return { result: done, counts: countsOf(done), exitCode: exitCodeOf(stop) };
  }).finally(stop.release);
  answer(options, result, () => textOf(result));
  return exitCodeOf(stop);
}

function exitCodeOf(stop: StopRequest): ExitCode {
  return stop.requested ? stop.exitCode : exitCodes.done;
}

function countsOf({ events, sessions }: AdoptResult): Record<string, number> {
  const { records_read, events_accepted, events_duplicate, records_rejected, records_skipped } = events;
  return {
    ...{ records_read, events_accepted, events_duplicate, records_rejected, records_skipped },
    ...{ sessions: sessions.theirs, snapshots_kept: sessions.snapshots_kept },
  };
}

function textOf(result: AdoptResult): string {
  const { events, sessions, dry_run: dryRun } = result;
  const isNew = events.records_read > 0;
  return [
    isNew
      ? `${green("✔")} ${dryRun ? "Would take over" : "Took over"} ${bold(counted(events.records_read, "record"))} of ${visible(result.from)}.`
      : `${bold("No new events")} in ${visible(result.from)}: ${counted(events.rows_known, "row is", "rows are")} in the store already.`,
    ...shapeLines(result),
    table([
      ["  accepted", grouped(events.events_accepted)],
      ["  duplicate", grouped(events.events_duplicate)],
      ["  refused", grouped(events.records_rejected)],
      ...events.refused.map(({ reason, records }) => [`    ${reason}`, grouped(records)]),
      ["  skipped", grouped(events.records_skipped)],
      ["  taken over before", grouped(events.rows_known)],
      ["  commands rewritten there", grouped(events.commands_rewritten)],
      ["  made up there", grouped(events.events_repaired)],
      ["  snapshots kept", grouped(sessions.snapshots_kept)],
    ]),
    ...inventoryLines(result),
    ...differenceLines(result),
    ...endLines(result),
  ].join("\n");
}

function shapeLines({ schema_version: stamped, shape_version: shape, lacks }: AdoptResult): string[] {
  const says = stamped === null ? "says no version" : `says v${stamped}`;
  const lines = [`  Schema: it ${says}, and has the tables of v${shape}.`];
  if (lacks.length > 0) lines.push(`  It lacks ${visible(lacks.join(", "))}.`);
  return lines;
}

function inventoryLines({ inventory }: AdoptResult): string[] {
  if (inventory === null) return [];
  const { addresses, networks, verdicts, rows_refused: refused } = inventory;
  return [
    `  Inventory: ${counted(addresses.added, "address", "addresses")}, ${counted(networks.added, "network")} and ${counted(verdicts.added, "verdict")} added; ${counted(refused, "row")} refused.`,
  ];
}

function differenceLines({ sessions, interrupted }: AdoptResult): string[] {
  const { differences, theirs } = sessions;
  if (differences.length === 0 && interrupted) return [];
  if (differences.length === 0)
    return [`  The summaries of ${counted(theirs, "session")} there say what ours say.`];
  return [
    `  What the summaries of ${counted(theirs, "session")} there say otherwise:`,
    table(
      differences.map((one) => [
        `  ${one.class}`,
        grouped(one.sessions),
        one.ours === null ? "" : grouped(one.ours),
        one.theirs === null ? "" : grouped(one.theirs),
        visible(one.first_session),
      ]),
      ["  class", "sessions", "ours", "theirs", "first"],
    ),
  ];
}

function endLines({ dry_run: dryRun, interrupted, job_id: job, sessions }: AdoptResult): string[] {
  if (interrupted) return ["Stopped by a signal after the batch at hand. Run the same command to go on."];
  if (dryRun) return ["Nothing was written. Next: the same command without --dry-run"];
  const next = "Next: cowriedb reconcile --mode full";
  return sessions.snapshots_kept === 0
    ? [next]
    : [`${next}; the snapshots are taken back with: cowriedb backfill undo ${job ?? 0}`];
}
