import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { replayLetters, type ReplayResult } from "../ingest/replay.ts";
import { bold, counted, green, table } from "../term.ts";
import { checkReason, filtersOf, letterNumber, type FilterOptions } from "./dlq.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { stopOnSignals } from "./signals.ts";
import { withStore } from "./store.ts";

/** `cowriedb dlq replay`: judges dead letters again. */
export async function replay(
  options: CommonOptions & FilterOptions & { id: string; "dry-run": boolean },
): Promise<ExitCode> {
  const filters = filtersOf(options);
  const letter = options.id === "" ? null : letterNumber("--id", options.id, 0);
  if (letter !== null && Object.values(filters).some((value) => value !== null))
    throw usageError("--id names one letter, so no filter goes with it.", "Leave one of them out.");
  const stop = stopOnSignals();
  const result = await withStore(options, async (database) => {
    await checkReason(database, filters.reason);
    return replayLetters(database, { ...filters, letter }, { dryRun: options["dry-run"], stop });
  }).finally(() => {
    stop.release();
  });
  if (result.cut > 0)
    say(
      options,
      `Of ${counted(result.cut, "letter")} only the ends were kept; load the source again to have these.`,
    );
  answer(options, result, () => textOf(result));
  return result.interrupted ? stop.exitCode : exitCodes.done;
}

function textOf(result: ReplayResult): string {
  const lines = [
    result.tried === 0
      ? `${bold("Nothing to replay.")} No open letter is left that may be tried under these rules.`
      : `${green("✔")} ${result.dry_run ? "Would replay" : "Replayed"} ${bold(counted(result.replayed, "dead letter"))} of ${result.tried} tried.`,
    table([
      ["  still refused", result.still_refused],
      ["  tried often enough", result.exhausted],
      ["  only ends kept", result.cut],
      ["  events accepted", result.events_accepted],
      ["  events known already", result.events_duplicate],
      ["  batches", result.batches],
    ]),
  ];
  if (result.interrupted) lines.push("Stopped by a signal. Run the same command to go on.");
  else lines.push("Next: cowriedb dlq list --open");
  return lines.join("\n");
}
