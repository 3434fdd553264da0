import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { actorName } from "../actor.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { schemaStatus } from "../migrate/migrate.ts";
import { proveSession, type SessionProof } from "../reconcile/prove.ts";
import { releaseJob } from "../jobs/lease.ts";
import { takeRun } from "../reconcile/lease.ts";
import { reconcileTaken, type Reconciled } from "../reconcile/reconcile.ts";
import type { Mode } from "../reconcile/run.ts";
import { allFindings, type ShownFinding } from "../reconcile/findings.ts";
import { progressLine } from "../telemetry/progress.ts";
import { counted, cut, green, grouped, red, visible, yellow } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { told } from "./reconcile-told.ts";
import type { ReportOptions } from "./reported.ts";
import { stopOnSignals } from "./signals.ts";
import { withStore, type StoreDatabase } from "./store.ts";

const modes: readonly string[] = ["quick", "nightly", "full"];
/** Findings in the JSON document; `--ndjson` has them all. */
const mostInDocument = 1_000;

interface ReconcileWords extends CommonOptions, ReportOptions {
  mode: string;
  ndjson: boolean;
  repair: boolean;
  "max-repair": string;
  "exit-zero-on": string;
}

/** `cowriedb reconcile`: proves derived rows from their events, and says what differs. */
export async function reconcile(options: ReconcileWords): Promise<ExitCode> {
  const mode = options.mode === "" ? "nightly" : options.mode;
  if (!modes.includes(mode))
    throw usageError(`--mode is quick, nightly or full; got ${JSON.stringify(options.mode)}.`);
  if (options["exit-zero-on"] !== "" && options["exit-zero-on"] !== "repaired")
    throw usageError("--exit-zero-on takes repaired alone.");
  const maxRepair = mostOf(options);
  if (options.ndjson && options.json) throw usageError("--json and --ndjson exclude one another.");
  return withStore(options, async (database) => {
    const found = await run(database, mode as Mode, maxRepair, options);
    const first: ShownFinding[] = [];
    let more = 0;
    for await (const finding of allFindings(database, found.run.run_id)) {
      if (options.ndjson) process.stdout.write(`${JSON.stringify(finding)}\n`);
      else if (first.length < mostInDocument) first.push(finding);
      else more++;
    }
    const document = documentOf(found, database.dialect);
    if (options.ndjson) process.stdout.write(`${JSON.stringify(document)}\n`);
    else
      answer(options, { ...document, findings: first, findings_left_out: more }, () => textOf(found, first));
    const isForgiven = found.exit === exitCodes.repaired && options["exit-zero-on"] === "repaired";
    return isForgiven ? exitCodes.done : found.exit;
  });
}

async function run(
  database: StoreDatabase,
  mode: Mode,
  maxRepair: number | undefined,
  options: ReconcileWords,
): Promise<Reconciled> {
  const { repair } = options;
  const schemaVersion = (await schemaStatus(database)).schema_version ?? "";
  const taken = await takeRun(database, { mode, repair, toolVersion, schemaVersion, actor: actorName() });
  const stop = stopOnSignals();
  const progress = progressLine("Reconciling", options.quiet);
  try {
    return await told(options, taken, stop, async (note) => {
      const found = await reconcileTaken(taken, {
        ...{ repair, maxRepair, stop },
        onProgress: ({ done, total, events, elapsedMs, phase, state }) => {
          progress.show(0, 0, events, elapsedMs);
          note({ current: done, total, phase, state });
        },
      });
      return found.is_stopped && stop.requested ? { ...found, exit: stop.exitCode } : found;
    });
  } finally {
    progress.end();
    stop.release();
    await releaseJob(taken);
  }
}

function mostOf(options: ReconcileWords): number | undefined {
  const word = options["max-repair"];
  if (word === "") return undefined;
  if (!options.repair) throw usageError("--max-repair goes with --repair.");
  if (!/^[0-9]{1,9}$/.test(word)) throw usageError("--max-repair takes a number of sessions.");
  return Number(word);
}

/** The document of `--json`, without the findings. */
function documentOf(found: Reconciled, engine: string): Record<string, unknown> {
  const { run: row, classes } = found;
  const count = (pick: (row: Reconciled["classes"][number]) => number): Record<string, number> =>
    Object.fromEntries(classes.filter((line) => pick(line) > 0).map((line) => [line.class, pick(line)]));
  return {
    schema: "reconcile/1",
    ...{ run_id: row.run_id, job_id: row.job_id, engine, mode: found.mode, is_resumed: found.is_resumed },
    watermark: {
      ...{ chain_position: row.watermark_position, at: row.started_at },
      chain_digest: hexOrNull(row.watermark_digest),
    },
    proved: {
      ...{ sessions: row.sessions, events: row.events, deep_sessions: row.deep_sessions },
      ...{ buckets: row.buckets, deep_buckets: row.deep_buckets, buckets_proved: found.buckets_proved },
      oldest_deep_proved_at: found.oldest_deep_proved_at,
    },
    not_proved: { is_stopped: found.is_stopped, steps_left: found.steps_left },
    ledger: {
      ...{ raw_events: row.raw_events, summed_events: row.summed_events },
      ...{ unattributed_events: row.unattributed_events, accepted_events: row.accepted_events },
      ...{ duplicate_sightings: row.duplicate_sightings, residual: found.residual },
    },
    ...{ new: count((line) => line.new_findings), open: count((line) => line.open_findings) },
    ...{ gone: count((line) => line.gone_findings), repaired: count((line) => line.repaired_findings) },
    repair: {
      ...found.repair,
      failed_first: found.repair.failed_first.map(({ session_id: session, error }) => ({
        session_id: visible(session),
        error: visible(error),
      })),
    },
    unattributed_by_source: found.unattributed.map((line) => ({
      ...line,
      path_shown: visible(line.path_shown),
    })),
    in_flight: { differed_once: row.differed_once, agreed_later: row.in_flight },
    cost: {
      ...{ elapsed_ms: found.elapsed_ms, busy_ms: row.busy_ms },
      longest_snapshot_ms: row.longest_snapshot_ms,
    },
    certificate: found.certificate,
    exit: found.exit,
  };
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}

/** What a reconciliation came to, for people: twelve lines at most. */
function textOf(found: Reconciled, first: readonly ShownFinding[]): string {
  const { run: row } = found;
  const lines = [
    heading(found),
    `${found.mode} run ${row.run_id}${found.is_resumed ? ", taken up where it was stopped" : ""}, up to position ${grouped(row.watermark_position)} of the chain, ${row.started_at}`,
    `${counted(row.sessions, "session")}, ${counted(row.events, "event")}; ${counted(row.deep_sessions, "session")} counted anew from their events`,
  ];
  if (found.mode !== "quick")
    lines.push(
      `${counted(row.buckets, "bucket")} compared, ${grouped(row.deep_buckets)} read; oldest reading ${found.oldest_deep_proved_at ?? "none"}`,
    );
  if (row.raw_events !== null)
    lines.push(
      `${grouped(row.raw_events)} events = ${grouped(row.summed_events ?? 0)} of sessions + ${grouped(row.unattributed_events ?? 0)} without; ${grouped(row.accepted_events ?? 0)} sealed; residual ${grouped(found.residual ?? 0)}`,
    );
  const shown = found.classes.filter(
    (line) => line.open_findings + line.gone_findings + line.repaired_findings > 0,
  );
  const told = repairLine(found.repair);
  const room = told === undefined ? 4 : 3;
  for (const line of shown.slice(0, shown.length > room ? room - 1 : room))
    lines.push(classLine(line, first));
  if (shown.length > room) lines.push(`${shown.length - room + 1} more classes: --json has them`);
  if (told !== undefined) lines.push(told);
  if (row.differed_once > 0)
    lines.push(
      `${grouped(row.differed_once)} differed at the first look, ${grouped(row.in_flight)} of these agreed at the second`,
    );
  lines.push(
    `${(found.elapsed_ms / 1000).toFixed(1)} s; longest snapshot ${grouped(row.longest_snapshot_ms)} ms`,
  );
  if (found.certificate !== null) lines.push(`certificate ${found.certificate.root}`);
  return lines.join("\n");
}

function classLine(line: Reconciled["classes"][number], first: readonly ShownFinding[]): string {
  const keys = first
    .filter((finding) => finding.class === line.class)
    .slice(0, 3)
    .map(({ session_id: session, item }) => cut([session, item].filter((part) => part !== "").join(" "), 40));
  const older = line.open_findings - line.new_findings;
  const part = (count: number, word: string): string => (count > 0 ? `, ${grouped(count)} ${word}` : "");
  const gone = part(line.gone_findings, "gone") + part(line.repaired_findings, "repaired");
  return `  ${line.class}: ${grouped(line.new_findings)} new, ${grouped(older)} still open${gone}${keys.length > 0 ? `: ${keys.join(", ")}` : ""}`;
}

/** What the repairs came to; undefined where there were none. */
function repairLine(repair: Reconciled["repair"]): string | undefined {
  const { applied, attempted, failed, refused, reverified, most, failed_first: named } = repair;
  if (refused > 0)
    return `${red("✘")} ${counted(refused, "session")} to repair, at most ${grouped(most ?? 0)} allowed: none was touched. Find out why; then --max-repair ${refused}`;
  if (attempted + applied === 0) return undefined;
  const names = named.slice(0, 3).map(({ session_id: session }) => cut(visible(session), 40));
  const wrong = failed > 0 ? `; ${red(`${grouped(failed)} still wrong`)}: ${names.join(", ")}` : "";
  return `${counted(applied, "session")} repaired, ${grouped(reverified)} proved again in a second pass${wrong}`;
}

function heading(found: Reconciled): string {
  const open = (counts: string): number =>
    found.classes
      .filter((line) => line.counts_as === counts)
      .reduce((sum, line) => sum + line.open_findings, 0);
  const isCancelled = found.run.job_state === "cancelled";
  const left = !found.is_stopped
    ? ""
    : isCancelled
      ? ` Cancelled with ${counted(found.steps_left, "step")} left.`
      : ` Stopped with ${counted(found.steps_left, "step")} left; the same command goes on.`;
  if (found.exit === exitCodes.interrupted || found.exit === exitCodes.terminated)
    return `${yellow("!")}${left} By then ${counted(open("drift"), "difference")} (exit code ${found.exit}).`;
  if (found.exit === exitCodes.needsPerson)
    return `${red("✘")} A person is needed (exit code ${found.exit}).${left}`;
  if (found.exit === exitCodes.differences && open("drift") === 0)
    return `${red("✘")} The events do not add up: residual ${grouped(found.residual ?? 0)} (exit code ${found.exit}). What was changed in ranges that were proved before it, the next run finds.${left}`;
  if (found.exit === exitCodes.differences)
    return `${red("✘")} ${counted(open("drift"), "difference")} (exit code ${found.exit}).${left}`;
  if (found.exit === exitCodes.unproved)
    return `${yellow("!")} No difference, but not all was proved (exit code ${found.exit}).${left}`;
  if (found.exit === exitCodes.repaired)
    return `${green("✔")} ${counted(found.repair.applied, "session")} repaired and proved again (exit code ${found.exit}).`;
  return `${green("✔")} Proved: every session in scope is what its events add up to.`;
}

/** `cowriedb reconcile prove`: one session, from its events up to the root of the last certificate. */
export async function prove(
  words: string[],
  options: CommonOptions & { session: string },
): Promise<ExitCode> {
  const [session, ...others] = options.session === "" ? words : [options.session, ...words];
  if (session === undefined || others.length > 0)
    throw usageError("reconcile prove takes one session id.", "Run: cowriedb reconcile prove a1b2c3d4e5f6");
  return withStore(options, async (database) => {
    const proof = await proveSession(database, session);
    const { findings, ...rest } = proof;
    const shown = findings.map((finding) => ({
      ...finding,
      item: visible(finding.item),
      stored: finding.stored === null ? null : visible(finding.stored),
      expected: finding.expected === null ? null : visible(finding.expected),
      session_id: visible(finding.session_id),
    }));
    const document = { schema: "reconcile/1", ...rest, session_id: visible(session), findings: shown };
    answer(options, document, () => proofText(proof));
    return proof.exit;
  });
}

const proofHeads: Record<SessionProof["state"], string> = {
  proved: "is what its events add up to, and stands with the last certificate.",
  differs: "is not what its events add up to.",
  not_proved: "is what its events add up to; its bucket was not proved since its last change.",
  broken_certificate: "is what its events add up to, but the last certificate does not hold.",
};

function proofText(proof: SessionProof): string {
  const sign = { proved: green("✔"), not_proved: yellow("!") }[proof.state as "proved"] ?? red("✘");
  const lines = [`${sign} Session ${visible(proof.session_id)} ${proofHeads[proof.state]}`];
  for (const {
    class: name,
    table_name: table,
    item,
    column_name: column,
    stored,
    expected,
  } of proof.findings.slice(0, 6))
    lines.push(
      `  ${name}: ${table} ${cut(visible(item), 40)} ${column} has ${cut(visible(stored ?? "nothing"), 40)}, must have ${cut(visible(expected ?? "nothing"), 40)}`,
    );
  if (proof.day !== null)
    lines.push(
      `  bucket ${proof.day}, range ${proof.range_number ?? 0}, ${counted(proof.bucket_sessions, "session")}: ${proof.bucket_digest ?? ""}`,
    );
  if (proof.certificate !== null)
    lines.push(`  certificate of run ${proof.certificate.run_id}: ${proof.certificate.root}`);
  return lines.join("\n");
}
