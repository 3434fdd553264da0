import { randomUUID } from "node:crypto";
import { actorName, workerName } from "../actor.ts";
import { shownTarget, targetOf } from "../config.ts";
import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { assertWritable } from "../hydrate/manifest.ts";
import { proveStores } from "../hydrate/proof.ts";
import { hydrate } from "../hydrate/hydrate.ts";
import type { HydrateResult } from "../hydrate/run.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { schemaStatus } from "../migrate/migrate.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { counted, green, readableBytes, table, visible, yellow } from "../term.ts";
import {
  answerOf,
  exitCodeOfProof,
  noTargetProof,
  proofText,
  proveTarget,
  type ProofAnswer,
} from "./hydrate-proof.ts";
import { assertTwoEngines, between, urlOf, type HydrateCommandOptions } from "./hydrate-stores.ts";
import { wholeNumber } from "./options.ts";
import { answer } from "./output.ts";
import { reported, type NoteRun } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import type { StoreDatabase } from "./store.ts";

/** While one waits for the server to commit two others keep two processors busy: 17.9 s for 2 million events, and 23.2 with two. */
const usualWorkers = 3;
const mostWorkers = 16;

/** What `cowriedb hydrate` answers. */
export type HydrateAnswer = Omit<HydrateResult, "proof"> & { proof: ProofAnswer | null };

/** `cowriedb hydrate`: copies a store of one engine into one of the other. */
export async function hydrateStore(options: HydrateCommandOptions): Promise<ExitCode> {
  if (options.from === "" || options.to === "")
    throw usageError("hydrate needs --from and --to.", "Run: cowriedb hydrate --help");
  assertTwoEngines(options);
  checkProofOptions(options);
  const workers = wholeNumber("--workers", options.workers, usualWorkers, mostWorkers);
  // Fewer compare than copy: what is proved of the target alone keeps the server busy meanwhile.
  const provers = Math.max(1, workers - 1);
  if (options["dry-run"]) return (await import("./hydrate-plan.ts")).planHydration(options);
  if (options.manifest !== "") assertWritable(options.manifest);
  if (options.reopen) return (await import("./hydrate-reopen.ts")).reopenSource(options, provers);
  if (options["verify-only"]) return verifyOnly(options, provers);
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "preparing", unit: "part", current: 0, total: null };
  const run = { kind: "hydrate", id: randomUUID(), first, stop };
  const result = await reported({ ...options, db: options.to }, run, async (note) => {
    const progress = jobProgress("Copying", options.quiet, first);
    const done = await between(options, async (source, target) =>
      copy(source, target, options, { workers, provers, stop, note, show: progress.show }),
    ).finally(progress.end);
    return { result: done, counts: countsOf(done), exitCode: exitCodeOf(done, stop) };
  }).finally(stop.release);
  answer(options, result, () => textOf(result, options));
  return exitCodeOf(result, stop);
}

async function copy(
  source: StoreDatabase,
  target: StoreDatabase,
  options: HydrateCommandOptions,
  how: How,
): Promise<HydrateAnswer> {
  const { schema_version } = await schemaStatus(source);
  const alone = noTargetProof();
  const beside = async (): Promise<void> => proveTarget(target, alone, how);
  const done = await hydrate(source, target, {
    workers: how.workers,
    resume: options.resume,
    lost: options.confirm,
    cutover: options.cutover,
    url: urlOf(options),
    actor: actorName(),
    worker: workerName(),
    toolVersion,
    schemaVersion: schema_version ?? "",
    stop: how.stop,
    onProgress: (status) => {
      how.show(status);
      how.note(status);
    },
    proof: options.verify
      ? {
          isDigested: options.manifest !== "",
          provers: how.provers,
          beside,
          stands: (proof) => exitCodeOfProof(answerOf(proof, alone, unsigned)) !== exitCodes.differences,
        }
      : null,
  });
  const { manifest } = options;
  const proof =
    done.proof === null
      ? null
      : answerOf(done.proof, alone, { manifest, schemaVersion: schema_version ?? "" });
  return { ...done, proof };
}

/** A proof that signs nothing off. */
const unsigned = { manifest: "", schemaVersion: "" };

interface How {
  workers: number;
  provers: number;
  stop: StopRequest;
  note: NoteRun;
  show: (status: JobStatus) => void;
}

function checkProofOptions(options: HydrateCommandOptions): void {
  if (!options.verify && (options["verify-only"] || options.manifest !== ""))
    throw usageError("--no-verify goes with neither --verify-only nor --manifest.", "Leave it out.");
  if (options["dry-run"] && (options["verify-only"] || options.cutover || options.manifest !== ""))
    throw usageError(
      "--dry-run goes with none of --verify-only, --cutover and --manifest.",
      "Leave them out.",
    );
  if (
    options.reopen &&
    (options["verify-only"] ||
      options["dry-run"] ||
      options.resume ||
      options.cutover ||
      options.manifest !== "")
  )
    throw usageError(
      "--reopen takes a cutover back, and goes with none of --cutover, --resume, --dry-run, --verify-only, --manifest.",
      "Give --reopen with the --from and --to of that cutover.",
    );
  if (options["verify-only"] && options.resume)
    throw usageError("--verify-only and --resume exclude one another.", "Give one of them.");
}

/** `cowriedb hydrate --verify-only`: compares both stores as they are now, and changes neither. */
async function verifyOnly(options: HydrateCommandOptions, provers: number): Promise<ExitCode> {
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "proving", unit: "part", current: 0, total: null };
  const run = { kind: "hydrate", id: randomUUID(), first, stop };
  const codeOf = (proof: ProofAnswer): ExitCode =>
    proof.interrupted ? stop.exitCode : exitCodeOfProof(proof);
  const found = await reported({ ...options, db: options.to }, run, async (note) => {
    const progress = jobProgress("Comparing", options.quiet, first);
    const proof = await between({ ...options, isLooking: true }, async (source, target) =>
      proveBoth(source, target, options, { provers, stop, note, show: progress.show }),
    ).finally(progress.end);
    const { rows, quarantined, differences } = proof;
    return { result: proof, counts: { rows, quarantined, differences }, exitCode: codeOf(proof) };
  }).finally(stop.release);
  answer(options, { proof: found }, () => proofText(found));
  return codeOf(found);
}

async function proveBoth(
  source: StoreDatabase,
  target: StoreDatabase,
  options: HydrateCommandOptions,
  { provers, stop, note, show }: Omit<How, "workers">,
): Promise<ProofAnswer> {
  const { manifest } = options;
  const { schema_version } = await schemaStatus(target);
  const alone = noTargetProof();
  const proof = await proveStores(source, target, {
    ...{ provers, stop, url: urlOf(options), isDigested: manifest !== "" },
    beside: async () => proveTarget(target, alone, { provers, stop }),
    onProgress: (status) => {
      show(status);
      note(status);
    },
  });
  return answerOf(proof, alone, { manifest, schemaVersion: schema_version ?? "" });
}

function shown(option: string): string {
  return shownTarget(targetOf(option));
}

function countsOf(result: HydrateAnswer): Record<string, number> {
  const { chunks_copied, chunks_kept, rows_copied, bytes_copied } = result;
  return { chunks_copied, chunks_kept, rows_copied, bytes_copied, quarantined: quarantinedRows(result) };
}

function quarantinedRows({ quarantined }: HydrateAnswer): number {
  return quarantined.reduce((sum, row) => sum + Number(row.row_count), 0);
}

function exitCodeOf(result: HydrateAnswer, stop: StopRequest): ExitCode {
  if (result.interrupted || result.proof?.interrupted === true) return stop.exitCode;
  if (result.proof !== null && exitCodeOfProof(result.proof) === exitCodes.differences)
    return exitCodes.differences;
  return quarantinedRows(result) > 0 ? exitCodes.unproved : exitCodes.done;
}

function textOf(result: HydrateAnswer, { cutover, from, to, manifest }: HydrateCommandOptions): string {
  const unwritten =
    manifest === ""
      ? ""
      : "\nNo manifest was written, for nothing was compared: that is what --verify-only does.";
  if (result.objects_left !== null)
    return `${green("✔")} ${result.target} has taken the place of ${result.source} before; ${result.hydration_id === 0 && result.objects_left === 0 ? "nothing was done" : `what was left of that is done, ${counted(result.objects_left, "object")}`}.${unwritten}`;
  const { chunks_copied, chunks_kept, rows_copied, bytes_copied, tables, quarantined } = result;
  const what = `${counted(rows_copied, "row")} of ${counted(tables, "table")}, ${readableBytes(bytes_copied)}, in ${counted(chunks_copied, "part")}; ${counted(chunks_kept, "part")} as before.`;
  if (result.interrupted)
    return `${yellow("…")} ${what}\nStopped by a signal. Run the same command to go on.`;
  const lines = [
    result.pause_ms === null
      ? `${green("✔")} ${result.target} is a copy of ${result.source}: ${what}`
      : `${green("✔")} ${result.target} has taken the place of ${result.source}, which is retired: ${what}\n${counted(result.rows_followed ?? 0, "row")} changed meanwhile and followed; nobody could write for ${result.pause_ms} ms. Next: have loaders use --db ${result.target}`,
  ];
  if (result.source_state === "retired" && result.source_moved_to !== result.target)
    lines.push(
      `${yellow("Not in use")}: ${result.source} is retired, and ${visible(result.source_moved_to ?? "another store")} has its place. This copy takes no writers.`,
    );
  else if (result.source_state === "retired" && result.state !== "open")
    lines.push(
      `${yellow("Neither store takes writers")}: a cutover that did not end has retired ${result.source}. Run it again with --cutover, with --no-verify as it is; or open that store again: cowriedb hydrate --reopen --from ${shown(from)} --to ${shown(to)}`,
    );
  else if (cutover && result.pause_ms === null)
    lines.push(
      `${yellow("Not cut over")}: neither store has changed its place. Mend what the proof names below, and run the same command again; with --no-verify it is cut over as it is.`,
    );
  if (quarantined.length > 0)
    lines.push(
      `${yellow("Kept out")}, since ${result.target} cannot hold them as they are; they are in hydration_quarantine there:`,
      table(
        quarantined.map(({ table_name, column_name, reason, row_count }) => [
          table_name,
          column_name,
          reason,
          row_count,
        ]),
        ["table", "column", "reason", "rows"],
      ),
    );
  if (result.proof !== null) lines.push(proofText(result.proof));
  return lines.join("\n");
}
