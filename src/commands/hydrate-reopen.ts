import { randomUUID } from "node:crypto";
import { actorName } from "../actor.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import type { CopyProof } from "../hydrate/proof.ts";
import { reopen, type ReopenResult } from "../hydrate/reopen.ts";
import { schemaStatus } from "../migrate/migrate.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { green } from "../term.ts";
import { answerOf, exitCodeOfProof, noTargetProof, proofText, type ProofAnswer } from "./hydrate-proof.ts";
import { between, urlOf, type HydrateCommandOptions } from "./hydrate-stores.ts";
import { answer } from "./output.ts";
import { reported } from "./reported.ts";
import { stopOnSignals } from "./signals.ts";

/** What `cowriedb hydrate --reopen` answers. */
export type ReopenAnswer = Omit<ReopenResult, "proof"> & { proof: ProofAnswer | null };

/** `cowriedb hydrate --reopen`: opens the source that a cutover has retired. */
export async function reopenSource(options: HydrateCommandOptions, provers: number): Promise<ExitCode> {
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "proving", unit: "part", current: 0, total: null };
  const run = { kind: "hydrate", id: randomUUID(), first, stop };
  const result = await reported({ ...options, db: options.from }, run, async (note) => {
    const progress = jobProgress("Comparing", options.quiet, first);
    const done = await between(
      { ...options, isLooking: true },
      async (source, target): Promise<ReopenAnswer> => {
        const { schema_version } = await schemaStatus(source);
        const answered = (proof: CopyProof): ProofAnswer =>
          answerOf(proof, noTargetProof(), { manifest: "", schemaVersion: schema_version ?? "" });
        const found = await reopen(source, target, {
          provers,
          stop,
          url: urlOf(options),
          isDigested: false,
          actor: actorName(),
          lost: options.confirm,
          beside: async () => Promise.resolve(),
          stands: (proof) => exitCodeOfProof(answered(withoutProofs(proof))) !== exitCodes.differences,
          onProgress: (status) => {
            progress.show(status);
            note(status);
          },
        });
        return { ...found, proof: found.proof === null ? null : answered(withoutProofs(found.proof)) };
      },
    ).finally(progress.end);
    return { result: done, counts: { rows: done.proof?.rows ?? 0 }, exitCode: exitCodes.done };
  }).finally(stop.release);
  answer(options, result, () => textOf(result));
  return exitCodes.done;
}

/** A comparison without what `verify` notes: who has proved the target since has brought no row into it. */
function withoutProofs(proof: CopyProof): CopyProof {
  const isNote = ({ table_name }: { table_name: string }): boolean => table_name === "verifications";
  const notes = proof.tables.find(isNote)?.differences ?? 0;
  return {
    ...proof,
    differences: proof.differences - notes,
    tables: proof.tables.map((one) => (isNote(one) ? { ...one, differences: 0 } : one)),
    first: proof.first.filter((one) => !isNote(one)),
  };
}

function textOf({ source, target, proof, state, pause_ms }: ReopenAnswer): string {
  const paused = pause_ms === null ? "" : ` Nobody could write for ${pause_ms} ms.`;
  const lines = [
    `${green("✔")} ${source} is open again; ${target} is ${state}, and takes no writers.${paused} Next: have loaders use --db ${source}`,
  ];
  if (proof !== null) lines.push(proofText(proof));
  return lines.join("\n");
}
