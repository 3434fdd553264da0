import { messageOf } from "../../errors.ts";
import { schemaFacts } from "../../sql/generated.ts";
import { counted } from "../../term.ts";
import { newlyUnread, readCanary, rowDifferences, rowsIn, type Canary, type Mask } from "./canary.ts";
import { SeededTables } from "./canary-seed.ts";
import { factDifferences, factsOf, sentenceOf, type FactDifference, type Facts } from "./facts.ts";
import type { Ladder, Rung } from "./ladders.ts";
import { maskOf } from "./mask.ts";

/** What was found of one migration. */
export interface Proof {
  name: string;
  /**
   * `loses`: proved, but for what its down file says that it loses of tables; `bare`: proved, but only without made-up rows,
   * which did not let it be applied.
   */
  outcome: "proved" | "loses" | "irreversible" | "differs" | "bare" | "not_reached";
  /** How many rows lay in the database when it was applied. */
  rows: number;
  /** What is not as it should be, a sentence each. */
  differences: string[];
  /** What else is to be known, as what is lost for good. */
  note: string;
}

/** What was found of going down several steps at once, and up again. */
export interface PrefixProof {
  /** The migration at which the schema stands below; empty where none is applied. */
  from: string;
  to: string;
  differences: string[];
}

/** What a schema and its rows were at a height. */
interface State {
  facts: Facts;
  canary: Canary;
}

/** How far a proof has come; where the database is no more what it should be, another one goes on from there. */
export class Progress {
  readonly proofs: Proof[] = [];
  readonly prefixes: PrefixProof[] = [];
  /** Up to this migration no rows are made up. */
  bareUntil = 0;
  /** Of each height, the schema as it was on the way up. */
  readonly heights: Facts[] = [];
  readonly emptyTables = new Set<string>();
  /** Whether another database is needed to go on. */
  isSpoiled = false;
  /** Whether there is no going on: a migration cannot be applied at all. */
  isStuck = false;
}

/**
 * Proves the migrations that are not proved yet, from the lowest: made-up rows, up, verify, down, up again. Ends early where the
 * database was spoiled by what it has found.
 */
export async function proveLadder(ladder: Ladder, progress: Progress, began: number): Promise<void> {
  progress.isSpoiled = false;
  const seeded = new SeededTables();
  for (const [at, rung] of ladder.rungs.entries()) {
    await ladder.turn();
    if (at < progress.proofs.length) {
      if (at >= progress.bareUntil) await seeded.fill(ladder.ground, await factsAt(ladder));
      await ladder.up(at, at + 1);
      continue;
    }
    const isBare = at < progress.bareUntil;
    const facts = await factsAt(ladder);
    progress.heights[at] = facts;
    if (!isBare) for (const table of await seeded.fill(ladder.ground, facts)) progress.emptyTables.add(table);
    const proof = await proveRung(ladder, at, rung, { isBare, facts, began, progress });
    if (proof === "spoilt by rows") {
      progress.bareUntil = at + 1;
      progress.isSpoiled = true;
      return;
    }
    progress.proofs.push(proof);
    progress.isSpoiled ||= proof.outcome === "differs";
    progress.isStuck = proof.differences.some((sentence) => sentence.startsWith("up: "));
    if (progress.isSpoiled) return;
  }
  progress.heights[ladder.rungs.length] = await factsAt(ladder);
}

/** Whether each migration was found to be as it should, so that the ways down from the top can be proved. */
export function isClimbed({ proofs, isStuck }: Progress): boolean {
  return !isStuck && proofs.every(({ outcome }) => outcome !== "differs");
}

interface Circumstances {
  isBare: boolean;
  facts: Facts;
  began: number;
  progress: Progress;
}

async function proveRung(
  ladder: Ladder,
  at: number,
  rung: Rung,
  { isBare, facts, began, progress }: Circumstances,
): Promise<Proof | "spoilt by rows"> {
  const before: State = { facts, canary: await readCanary(ladder.ground) };
  const found: Proof = {
    ...{ name: rung.name, outcome: isBare ? "bare" : "proved", rows: rowsIn(before.canary) },
    ...{ differences: [], note: "" },
  };
  const differs = (sentences: readonly string[]): Proof => {
    found.differences.push(...sentences);
    if (found.differences.length > 0) found.outcome = "differs";
    return found;
  };
  const refused = await attempt(async () => ladder.up(at, at + 1));
  if (refused !== undefined)
    return isBare || found.rows === 0 ? differs([`up: it fails: ${refused}`]) : "spoilt by rows";
  const first = await stateOf(ladder);
  const broken = [
    ...newlyUnread(before.canary, first.canary).map((sentence) => `up: ${sentence}`),
    ...(await verified(ladder, rung)),
  ];
  if (!rung.hasDown) return differs([...broken, ...(await refusal(ladder, at, rung, found))]);
  const failed = await attempt(async () => ladder.down(at, at + 1));
  if (failed !== undefined)
    return differs([...broken, ...(await failedDown(ladder, rung, failed, first, found))]);
  if (rung.isIrreversible)
    return differs([
      ...broken,
      "its header says that it is irreversible, but its down file runs: it must refuse",
    ]);
  const { wrong, hasLost } = lossesOf([rung], before, await stateOf(ladder));
  if (hasLost) Object.assign(found, { outcome: "loses", note: rung.loss });
  if (wrong.length > 0) return differs([...broken, ...wrong.map((sentence) => `down: ${sentence}`)]);
  const again = await attempt(async () => ladder.up(at, at + 1));
  if (again !== undefined && hasLost) {
    // What was lost has to be there again before it may come again; so the next goes on elsewhere.
    found.note = `${rung.loss} Up again at once it refuses: ${again}`;
    progress.isSpoiled = true;
    return differs(broken);
  }
  if (again !== undefined) return differs([...broken, `up again: it fails: ${again}`]);
  const second = await stateOf(ladder);
  const mask = maskOf(ladder.ground.dialect, second.facts, rung.text, began);
  const other = lossesOf(hasLost ? [rung] : [], first, second, mask).wrong;
  return differs([...broken, ...other.map((sentence) => `up again: ${sentence}`)]);
}

/** What is wrong with a migration that has no down file. */
async function refusal(ladder: Ladder, at: number, rung: Rung, found: Proof): Promise<string[]> {
  if (found.outcome === "proved") found.outcome = "irreversible";
  found.note = rung.undo;
  const wrong: string[] = [];
  if (rung.undo === "") wrong.push("it has no down file, and no Undo in its header says what is lost");
  if ((await attempt(async () => ladder.down(at, at + 1))) === undefined)
    wrong.push("it has no down file, and taking it back is not refused");
  return wrong;
}

/** What is wrong with a migration whose down file fails: nothing, where its header says so and nothing was changed. */
async function failedDown(
  ladder: Ladder,
  rung: Rung,
  failed: string,
  first: State,
  found: Proof,
): Promise<string[]> {
  if (!rung.isIrreversible) return [`down: it fails: ${failed}`];
  if (found.outcome === "proved") found.outcome = "irreversible";
  found.note = rung.undo;
  return differencesOf(first, await stateOf(ladder)).map((sentence) => `down, refused: ${sentence}`);
}

async function verified(ladder: Ladder, rung: Rung): Promise<string[]> {
  const rows = await ladder.verify(rung);
  return rows === 0 ? [] : [`verify: its query gives ${counted(rows, "row")}`];
}

/**
 * From the top, where rows are, down step by step; from each height that `isWanted` to the top and back, in one go each. Rows are
 * what a store loads, or else are made up on the way.
 */
export async function provePrefixes(
  ladder: Ladder,
  progress: Progress,
  isWanted: (height: number) => boolean,
): Promise<void> {
  const top = ladder.rungs.length;
  const seeded = new SeededTables();
  for (let at = 0; at < top; at++) {
    if (!ladder.loads && at >= progress.bareUntil) await seeded.fill(ladder.ground, await factsAt(ladder));
    await ladder.up(at, at + 1);
  }
  progress.heights[top] ??= await factsAt(ladder);
  await ladder.load();
  for (let at = top - 1; at >= 0; at--) {
    await ladder.turn();
    const rung = ladder.rungs[at];
    // What cannot be taken back, nobody gets below.
    if (rung === undefined || progress.proofs[at]?.outcome === "irreversible" || !rung.hasDown) return;
    const found: PrefixProof = {
      from: ladder.rungs[at - 1]?.name ?? "",
      to: ladder.rungs.at(-1)?.name ?? "",
      differences: [],
    };
    progress.prefixes.push(found);
    found.differences.push(...(await provePrefix(ladder, progress, at, isWanted(at))));
    if (found.differences.length > 0) return;
  }
}

async function provePrefix(
  ladder: Ladder,
  progress: Progress,
  at: number,
  isWhole: boolean,
): Promise<string[]> {
  const top = ladder.rungs.length;
  const step = await attempt(async () => ladder.down(at, at + 1));
  if (step !== undefined) return [`down: it fails: ${step}`];
  const before = await stateOf(ladder);
  const known = progress.heights[at];
  const said = new Set(ladder.rungs.slice(at).flatMap(({ loses }) => loses));
  const found = factDifferences(known ?? before.facts, before.facts)
    .filter(isUnsaid(said))
    .map(sentenceOf);
  if (found.length > 0) return found.map((sentence) => `down: ${sentence}`);
  if (at === top - 1 || !isWhole) return [];
  const up = await attempt(async () => ladder.up(at, top));
  if (up !== undefined) return [`up: it fails: ${up}`];
  const above = factDifferences(progress.heights[top] ?? new Map(), await factsAt(ladder)).map(sentenceOf);
  const down = await attempt(async () => ladder.down(at, top));
  if (down !== undefined) return [...above.map((sentence) => `up: ${sentence}`), `down: it fails: ${down}`];
  return [
    ...above.map((sentence) => `up: ${sentence}`),
    ...lossesOf(ladder.rungs.slice(at), before, await stateOf(ladder)).wrong.map(
      (sentence) => `down: ${sentence}`,
    ),
  ];
}

/** What is not as it was after a way down, and whether some of it is what the files say that they lose. */
function lossesOf(
  rungs: readonly Rung[],
  before: State,
  after: State,
  mask?: Mask,
): { wrong: string[]; hasLost: boolean } {
  const said = new Set(rungs.flatMap(({ loses }) => loses));
  const facts = factDifferences(before.facts, after.facts);
  const rows = rowDifferences(before.canary, after.canary, mask);
  const [wrongFacts, wrongRows] = [
    facts.filter(isUnsaid(said)),
    rows.filter(({ table }) => !isSaid(said, table)),
  ];
  return {
    wrong: [...wrongFacts.map(sentenceOf), ...wrongRows.map(({ what }) => what)],
    hasLost: wrongFacts.length < facts.length || wrongRows.length < rows.length,
  };
}

function isSaid(said: ReadonlySet<string>, table: string): boolean {
  return said.has(table) || said.has(table.replace(/^.*\./, ""));
}

/** Of a table that loses something the order of the columns may be another: what is added stands at the end. */
function isUnsaid(said: ReadonlySet<string>): (difference: FactDifference) => boolean {
  return ({ attribute, name }) => attribute !== "position" || !isSaid(said, name.replace(/\.[^.]*$/, ""));
}

async function factsAt(ladder: Ladder): Promise<Facts> {
  return factsOf(ladder.ground.dialect, await ladder.ground.rows(schemaFacts, {}));
}

async function stateOf(ladder: Ladder): Promise<State> {
  return { facts: await factsAt(ladder), canary: await readCanary(ladder.ground) };
}

function differencesOf(before: State, after: State, mask?: Parameters<typeof rowDifferences>[2]): string[] {
  return [
    ...factDifferences(before.facts, after.facts).map(sentenceOf),
    ...newlyUnread(before.canary, after.canary),
    ...rowDifferences(before.canary, after.canary, mask).map(({ what }) => what),
  ];
}

/** What somebody's file has to say where it fails; what stops the proof itself is thrown. */
async function attempt(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code === "migrate.stopped") throw error;
    return messageOf(error);
  }
}
