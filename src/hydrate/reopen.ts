import type { Database } from "../db/database.ts";
import { inWriting } from "../db/writing.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import { hydrateHead, hydrateLastRun, hydrateSetState, hydrateState } from "../sql/generated.ts";
import { maybe, none, one } from "../sql/run.ts";
import { retire } from "./cutover-back.ts";
import { dropJournal } from "./parts/journal.ts";
import { nowText } from "../instant.ts";
import { betweenStores } from "./between.ts";
import { assertOneInUse } from "./checks.ts";
import type { Pair } from "./pair.ts";
import { proveNow, type CopyProof, type ProofOptions } from "./proof.ts";
import type { CopiedTable } from "./rows/tables.ts";

/** How a cutover is taken back. */
export interface ReopenOptions extends ProofOptions {
  actor: string;
  /** The name of the store that has the source's place, where it is lost; empty for none. */
  lost: string;
  /** Whether a proof says that the target has nothing that the source has not. */
  stands: (proof: CopyProof) => boolean;
}

/** What a cutover that was taken back has left. */
export interface ReopenResult {
  source: string;
  target: string;
  source_state: string;
  state: string;
  /** How long nobody could write, in either store; null where that was so before. */
  pause_ms: number | null;
  elapsed_ms: number;
  /** What the comparison of both came to; null where nobody could have written into the target. */
  proof: CopyProof | null;
}

interface Reopening {
  pair: Pair;
  source: Database;
  target: Database;
  tables: readonly CopiedTable[];
  options: ReopenOptions;
}

/**
 * Takes a cutover back: opens the source that it has retired, where the target has taken nothing since that the source has not.
 * A target that was opened is retired first, and opened again where it has taken any; so one of the two takes writers, or none.
 */
export async function reopen(
  source: Database,
  target: Database,
  options: ReopenOptions,
): Promise<ReopenResult> {
  return betweenStores(source, target, async ({ began, pair, tables }) => {
    const reopening = { pair, source, target, tables, options };
    const wasUsed = await assertReopenable(reopening);
    const pauseBegan = performance.now();
    const isStopped = wasUsed && (await one(target, hydrateState, {})).state === "open";
    if (isStopped) await retire(target, tables, { movedTo: source.name, actor: options.actor });
    const proof = wasUsed ? await prove(reopening) : null;
    await open(source, tables, options.actor);
    return {
      source: source.name,
      target: target.name,
      source_state: (await one(source, hydrateState, {})).state,
      state: (await one(target, hydrateState, {})).state,
      pause_ms: isStopped ? Math.round(performance.now() - pauseBegan) : null,
      elapsed_ms: Math.round(performance.now() - began),
      proof,
    };
  });
}

async function open(store: Database, tables: readonly CopiedTable[], actor: string): Promise<void> {
  await inWriting(store, async (writing) => {
    await dropJournal(writing, tables);
    await none(writing, hydrateSetState, { state: "open", moved_to: null, actor, now: nowText() });
  });
}

/** Sees that the source was retired for the target; says whether others may have written into that since. */
async function assertReopenable({ source, target, options }: Reopening): Promise<boolean> {
  const [from, to] = [await one(source, hydrateState, {}), await one(target, hydrateState, {})];
  const last = await maybe(target, hydrateLastRun, {});
  if (from.state !== "retired")
    throw new CowriedbError(
      "hydrate.not_retired",
      `${source.name} is ${from.state}, and no cutover retired it.`,
      {
        hint: "Check --from: it is the store that --cutover was given in --from.",
      },
    );
  if (last?.source_store_id !== from.store_id)
    throw new CowriedbError(
      "hydrate.other_source",
      `${target.name} was not copied from ${source.name}, but from ${last?.source_name ?? "no store"}.`,
      { hint: `${source.name} was retired for ${from.moved_to ?? "another store"}: give that one in --to.` },
    );
  await assertOneInUse(target, source, { lost: options.lost, isOpened: false });
  if (to.state === "hydrating" || to.state === "copied") return false;
  if (to.state === "retired" && to.moved_to !== source.name)
    throw new CowriedbError(
      "hydrate.moved_on",
      `${target.name} is retired for ${to.moved_to ?? "another store"}, which may be open.`,
      { hint: "Open no second store: go on with that one, or copy it back into this one." },
    );
  const [ours, theirs] = [await one(source, hydrateHead, {}), await one(target, hydrateHead, {})];
  if (ours.batches !== theirs.batches || ours.chain_position !== theirs.chain_position)
    throw movedOn(source, target, "it has other batches");
  return true;
}

/** Compares both; throws where the target has more, and opens it again. */
async function prove({ pair, source, target, tables, options }: Reopening): Promise<CopyProof> {
  let proof: CopyProof | undefined;
  try {
    proof = await proveNow(pair, options);
  } finally {
    if (proof === undefined || proof.interrupted || !options.stands(proof))
      await open(target, tables, options.actor);
  }
  if (proof.interrupted)
    throw new CowriedbError("hydrate.not_proved", "The comparison was stopped by a signal.", {
      hint: `${target.name} is open as before. Run the same command again.`,
      exitCode: exitCodes.interrupted,
    });
  if (!options.stands(proof)) throw movedOn(source, target, "rows differ");
  return proof;
}

function movedOn(source: Database, target: Database, why: string): CowriedbError {
  return new CowriedbError(
    "hydrate.moved_on",
    `${target.name} has taken rows since ${source.name} was retired: ${why}. It stays open, and nothing was changed.`,
    {
      exitCode: exitCodes.differences,
      hint: "Bring them back: cowriedb hydrate --cutover, with --from and --to the other way round",
    },
  );
}
