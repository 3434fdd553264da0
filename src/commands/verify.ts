import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { schemaStatus } from "../migrate/migrate.ts";
import { progressLine } from "../telemetry/progress.ts";
import { counted, green, grouped, red, table, visible, yellow } from "../term.ts";
import type { Difference } from "../verify/findings.ts";
import { exportHead, readHead } from "../verify/head.ts";
import { verifyStore, type Verified } from "../verify/verify.ts";
import { wholeNumber } from "./options.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";
import { stopOnSignals } from "./signals.ts";

const mostBatchId = 8_589_934_591;
const mostShown = 20;

/** Options of `verify`. */
export interface VerifyOptions extends CommonOptions {
  full: boolean;
  "from-batch": string;
  export: string;
  against: string;
  manifest: string;
}

/** `cowriedb verify`: proves evidence, events and derived rows from the digests and the chain. */
export async function verify(options: VerifyOptions): Promise<ExitCode> {
  if (options.manifest !== "") return (await import("./verify-manifest.ts")).verifyManifest(options);
  const fromBatch = wholeNumber("--from-batch", options["from-batch"], 0, mostBatchId);
  if (options.full && fromBatch > 0)
    throw usageError("--full and --from-batch exclude one another.", "Give one of them.");
  const against = options.against === "" ? undefined : readHead(options.against);
  return withStore(options, async (database) => {
    const stop = stopOnSignals();
    const progress = progressLine("Verifying", options.quiet);
    let found: Verified;
    try {
      found = await verifyStore(database, {
        full: options.full,
        ...(fromBatch > 0 ? { fromBatch } : {}),
        ...(against === undefined ? {} : { against }),
        toolVersion,
        stop,
        onProgress: ({ bytesDone, bytes, events, elapsedMs }) => {
          progress.show(bytesDone, bytes, events, elapsedMs);
        },
      });
    } finally {
      progress.end();
      stop.release();
    }
    // The end of a chain that does not hold is nothing to keep.
    const isExported = options.export !== "" && found.state === "clean";
    if (isExported) {
      const schema = (await schemaStatus(database)).schema_version ?? "";
      exportHead(options.export, found.head, { tool: toolVersion, schema });
    } else if (options.export !== "")
      say(options, yellow("The chain head was not exported: not everything was proved."));
    answer(options, documentOf(found, isExported ? options.export : null), () => textOf(found));
    if (isExported)
      say(options, `The chain head is in ${visible(options.export)}; keep it on another machine.`);
    return found.state === "interrupted" ? stop.exitCode : exitCodeOf[found.state];
  });
}

const exitCodeOf: Record<Exclude<Verified["state"], "interrupted">, ExitCode> = {
  clean: exitCodes.done,
  differences: exitCodes.differences,
  unproved: exitCodes.unproved,
};

function documentOf({ findings, ...rest }: Verified, exported: string | null): unknown {
  return {
    ...rest,
    differences: findings.differences,
    tables: findings.byTable,
    first: findings.first,
    unproved: findings.unprovedCount,
    unproved_first: findings.unproved,
    exported,
  };
}

/** What a verification found, for people. */
function textOf(found: Verified): string {
  const { findings } = found;
  const lines = [
    `${heading(found)} ${counted(found.batches, "batch", "batches")} read, ${counted(found.events, "event")}, ${counted(found.letters, "dead letter")}, ${counted(found.sessions, "session")} counted again; ${counted(found.links, "link")} of the chain.`,
  ];
  if (found.proved_before > 0)
    lines.push(
      `${counted(found.proved_before, "batch", "batches")} proved earlier were not read again: verify --full reads all.`,
    );
  if (found.undone > 0) lines.push(`${counted(found.undone, "batch is", "batches are")} undone.`);
  if (found.letters_purged > 0)
    lines.push(`${grouped(found.letters_purged)} of the dead letters were purged; their digests stay.`);
  if (findings.first.length > 0)
    lines.push(
      table(findings.first.slice(0, mostShown).map(shownRow), [
        "batch",
        "table",
        "key",
        "column",
        "problem",
        "stored",
        "expected",
      ]),
    );
  if (findings.differences > mostShown) lines.push(`The first ${mostShown} are shown; --json has a hundred.`);
  for (const { batch_id: batchId, reason } of findings.unproved.slice(0, mostShown))
    lines.push(`Not proved: batch ${batchId ?? "-"}: ${visible(reason)}`);
  if (found.next_batch_id !== null)
    lines.push(
      `Stopped by a signal after the batch at hand. To go on: cowriedb verify ${found.scope === "new" ? "" : `--from-batch ${found.next_batch_id}`}`.trimEnd(),
    );
  if (found.head.position > 0)
    lines.push(
      `Chain head: batch ${found.head.batch_id} at position ${found.head.position}, ${found.head.chain_digest}`,
    );
  return lines.join("\n");
}

function heading({ state, findings }: Verified): string {
  if (state === "differences") return `${red("✘")} ${counted(findings.differences, "difference")} found.`;
  if (state === "unproved")
    return `${yellow("!")} No difference seen, but ${counted(findings.unprovedCount, "thing")} not proved.`;
  return state === "clean" ? `${green("✔")} Proved.` : `${yellow("!")} Not finished, no difference so far.`;
}

function shownRow(difference: Difference): string[] {
  const cell = (text: string | null): string => visible(text ?? "-").slice(0, 40);
  return [
    String(difference.batch_id ?? "-"),
    difference.table,
    cell(difference.key),
    difference.column ?? "row",
    difference.problem,
    cell(difference.stored),
    cell(difference.expected),
  ];
}
