import { actorName } from "../actor.ts";
import type { StoreDatabase } from "./store.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import { manifestOf, writeManifest } from "../hydrate/manifest.ts";
import type { CopyProof } from "../hydrate/proof.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { counted, green, red, table, visible, yellow } from "../term.ts";
import { emptyHead, proveNothingStrays, walkChain, type ChainHead } from "../verify/chain.ts";
import { proveAllSessions } from "../verify/derived.ts";
import { noFindings, type Findings } from "../verify/findings.ts";

/** What is proved of a target alone: its chain, and what its events add up to. */
export interface TargetProof {
  sessions: number;
  links: number;
  head: ChainHead;
  findings: Findings;
}

/** The proof of a copy as `--json` gives it. */
export interface ProofAnswer extends Omit<CopyProof, "proved" | "source" | "target"> {
  /** Sessions whose derived rows were counted again in the target from its events. */
  sessions: number;
  /** Links of the chain, each computed again there. */
  links: number;
  derived_differences: number;
  derived_first: Findings["first"];
  unproved: number;
  unproved_first: Findings["unproved"];
  manifest: { file: string; root: string } | null;
}

/** A proof that has not begun. */
export function noTargetProof(): TargetProof {
  return { sessions: 0, links: 0, head: emptyHead, findings: noFindings() };
}

/** Counts everything in the target again that follows from its events, and computes its chain. */
export async function proveTarget(
  target: StoreDatabase,
  proof: TargetProof,
  { provers, stop }: { provers: number; stop: { readonly requested: boolean } },
): Promise<void> {
  for await (const link of walkChain(target, proof.findings)) {
    proof.links += 1;
    proof.head = link.head;
  }
  await proveNothingStrays(target, proof.findings);
  const how = { goesOn: () => !stop.requested, lanes: provers };
  proof.sessions = await proveAllSessions(target, proof.findings, how);
}

/** Puts both proofs together, and writes the manifest where one is wanted and nothing differs. */
export function answerOf(
  copy: CopyProof,
  { sessions, links, head, findings }: TargetProof,
  how: { manifest: string; schemaVersion: string },
): ProofAnswer {
  const { proved: _proved, source: _source, target: _target, ...rest } = copy;
  const isSame = copy.differences === 0 && findings.differences === 0 && !copy.interrupted;
  let manifest: ProofAnswer["manifest"] = null;
  if (how.manifest !== "" && isSame) {
    const signedOff = manifestOf(copy, {
      sessions,
      chain_position: head.position,
      chain_digest: head.chain_digest,
      actor: actorName(),
      tool_version: toolVersion,
      schema_version: how.schemaVersion,
    });
    writeManifest(how.manifest, signedOff);
    manifest = { file: how.manifest, root: signedOff.root };
  }
  return {
    ...rest,
    sessions,
    links,
    derived_differences: findings.differences,
    derived_first: findings.first,
    unproved: findings.unprovedCount,
    unproved_first: findings.unproved,
    manifest,
  };
}

/** The exit code of a proof. */
export function exitCodeOfProof(proof: ProofAnswer): ExitCode {
  if (proof.differences + unexplained(proof) + proof.quarantined_for_nothing > 0)
    return exitCodes.differences;
  return proof.quarantined + proof.unproved > 0 ? exitCodes.unproved : exitCodes.done;
}

/** What is derived from events cannot add up where some of those are kept out: it is listed, and is no fault of the copy. */
function unexplained(proof: ProofAnswer): number {
  const events = proof.tables.find(({ table_name }) => table_name === "raw_events");
  return (events?.quarantined ?? 0) > 0 ? 0 : proof.derived_differences;
}

const mostShown = 20;

/** What a proof came to, for people. */
export function proofText(proof: ProofAnswer): string {
  const wrong = proof.differences + unexplained(proof) + proof.quarantined_for_nothing;
  const mark = proof.interrupted ? yellow("…") : wrong > 0 ? red("✘") : green("✔");
  const lines = [
    `${mark} ${counted(proof.rows, "row is", "rows are")} the same in every column, ${counted(proof.quarantined, "row")} in quarantine; ${counted(proof.sessions, "session")} counted again, ${counted(proof.links, "link")} of the chain, in ${(proof.elapsed_ms / 1000).toFixed(1)} s.`,
  ];
  const moved = proof.tables.filter(({ differences, quarantined }) => differences + quarantined > 0);
  if (moved.length > 0)
    lines.push(
      table(
        moved.map(({ table_name, rows, quarantined, differences }) => [
          table_name,
          rows,
          quarantined,
          differences,
        ]),
        ["table", "same", "quarantined", "different"],
      ),
    );
  if (proof.first.length > 0)
    lines.push(
      table(
        proof.first
          .slice(0, mostShown)
          .map(({ table_name, row_key, column_name, problem, source, target }) => [
            table_name,
            visible(row_key),
            column_name,
            problem,
            visible(source ?? ""),
            visible(target ?? ""),
          ]),
        ["table", "key", "column", "problem", "source", "target"],
      ),
    );
  for (const { table: name, key, column, problem } of proof.derived_first.slice(0, mostShown))
    lines.push(`${name} ${visible(key ?? "")} ${column ?? ""}: ${problem}`);
  if (proof.derived_differences > 0 && unexplained(proof) === 0)
    lines.push("Events in quarantine are missing from what was counted again.");
  if (proof.quarantined_for_nothing > 0)
    lines.push(
      `${counted(proof.quarantined_for_nothing, "row")} of the quarantine ${proof.quarantined_for_nothing === 1 ? "has" : "have"} no row in the SQLite store.`,
    );
  if (proof.unproved > 0)
    lines.push(`${counted(proof.unproved, "value")} could not be proved, see unproved_first of --json.`);
  if (proof.manifest !== null)
    lines.push(
      `The manifest is in ${visible(proof.manifest.file)}, root ${proof.manifest.root}; keep it on another machine.`,
    );
  return lines.join("\n");
}
