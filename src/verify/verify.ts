import type { Database } from "../db/database.ts";
import { CowriedbError, exitCodes } from "../errors.ts";
import {
  verifyBeginVerification,
  verifyNoteVerification,
  verifyPositionOf,
  verifyProved,
  verifyScope,
} from "../sql/generated.ts";
import { registryRows } from "../sql/registry-rows.ts";
import { maybe, none, one } from "../sql/run.ts";
import { proveBatch } from "./batch.ts";
import { emptyHead, proveNothingStrays, walkChain, type ChainHead, type Link } from "./chain.ts";
import { proveAllSessions, proveSessions } from "./derived.ts";
import type { GateRules } from "../events/gate.ts";
import { gateRulesOf } from "../events/gate-rules.ts";
import { differs, findingCount, noFindings, type Findings } from "./findings.ts";
import { proveUndos } from "./undone.ts";

/** What to verify. */
export interface VerifyOptions {
  /** Read every batch again, and count every session. */
  full?: boolean;
  /** Read the batches from this one on. */
  fromBatch?: number;
  /** A head of the chain that was kept elsewhere. */
  against?: ChainHead;
  toolVersion: string;
  onProgress?: (progress: VerifyProgress) => void;
  /** Set to true by a signal: the batch at hand is finished, then the run ends. */
  stop?: { requested: boolean };
}

/** How far a verification is. */
export interface VerifyProgress {
  bytes: number;
  bytesDone: number;
  events: number;
  elapsedMs: number;
}

/** What a verification came to. */
export interface Verified {
  scope: "new" | "full" | "from";
  state: "clean" | "differences" | "unproved" | "interrupted";
  links: number;
  batches: number;
  /** Batches proved by earlier runs, which this one did not read again. */
  proved_before: number;
  undone: number;
  events: number;
  letters: number;
  letters_purged: number;
  sessions: number;
  findings: Findings;
  head: ChainHead;
  /** All batches up to this place of the chain are proved. */
  proved_position: number;
  /** The first batch that was left when a signal ended the run. */
  next_batch_id: number | null;
  elapsed_ms: number;
}

interface Run {
  database: Database;
  options: VerifyOptions;
  result: Verified;
  /** Place of the first batch to read. */
  start: number;
  remembered: { position: number; digest: Buffer };
  /** What is proved so far: place and digest. */
  proved: { position: number; digest: Buffer };
  verificationId: number;
  began: number;
  bytes: number;
  bytesDone: number;
  notedAt: number;
  /** Sessions of the batches read, to be counted again. */
  sessions: Set<string>;
  /** The last batch read. */
  last: { position: number; digest: Buffer } | undefined;
}

const sessionsToHold = 2_000;
const noteEveryMs = 5_000;
/** Connections over which PostgreSQL counts derived rows again. */
const derivedLanes = 2;

/**
 * Proves batches from their evidence, and derived rows from their events. By default those batches that no earlier run
 * has proved; the links of the chain are proved as a whole each time. Throws `verify.no_batch` for an unknown batch.
 */
export async function verifyStore(database: Database, options: VerifyOptions): Promise<Verified> {
  const run = await beginRun(database, options);
  const { result } = run;
  // The time is that of each batch.
  const rules = gateRulesOf(await registryRows(database), 0);
  for await (const link of walkChain(database, result.findings)) {
    result.links++;
    result.head = link.head;
    checkRemembered(run, link);
    checkAgainst(options.against, link, result.findings);
    if (link.position < run.start) result.proved_before++;
    else if (options.stop?.requested === true) result.next_batch_id ??= link.batchId;
    else await readBatch(run, link, rules);
  }
  checkEnds(run);
  await proveNothingStrays(database, result.findings);
  await proveUndos(database, result.findings);
  if (options.stop?.requested !== true) await proveDerived(run);
  return endRun(run);
}

async function beginRun(database: Database, options: VerifyOptions): Promise<Run> {
  const known = await maybe(database, verifyProved, {});
  const remembered = {
    position: known?.proved_position ?? 0,
    digest: Buffer.from(known?.chain_digest ?? []),
  };
  const scope = options.full === true ? "full" : options.fromBatch === undefined ? "new" : "from";
  const start = await startOf(database, options, remembered.position);
  const { log_bytes: bytes } = await one(database, verifyScope, { from_position: start });
  const { verification_id: verificationId } = await one(database, verifyBeginVerification, {
    scope,
    first_position: start,
    proved_position: remembered.position,
    chain_digest: remembered.position === 0 ? null : remembered.digest,
    tool_version: options.toolVersion,
  });
  const now = performance.now();
  const result: Verified = {
    scope,
    state: "clean",
    links: 0,
    batches: 0,
    proved_before: 0,
    undone: 0,
    events: 0,
    letters: 0,
    letters_purged: 0,
    sessions: 0,
    findings: noFindings(),
    head: emptyHead,
    proved_position: remembered.position,
    next_batch_id: null,
    elapsed_ms: 0,
  };
  const proved = { ...remembered };
  const rest = { bytes, bytesDone: 0, notedAt: now, sessions: new Set<string>(), last: undefined };
  return { database, options, result, start, remembered, proved, verificationId, began: now, ...rest };
}

async function startOf(database: Database, options: VerifyOptions, proved: number): Promise<number> {
  if (options.full === true) return 1;
  if (options.fromBatch === undefined) return proved + 1;
  const found = await maybe(database, verifyPositionOf, { batch_id: options.fromBatch });
  if (found?.chain_position !== undefined && found.chain_position !== null) return found.chain_position;
  throw new CowriedbError("verify.no_batch", `There is no sealed batch ${options.fromBatch}.`, {
    hint: "Run: cowriedb status   (the last batch)",
    exitCode: exitCodes.usage,
  });
}

async function readBatch(run: Run, link: Link, rules: GateRules): Promise<void> {
  const { database, result, options } = run;
  const proof = await proveBatch(database, link.batchId, link.isLinked, { rules, findings: result.findings });
  result.batches++;
  result.events += proof.events;
  result.letters += proof.letters;
  result.letters_purged += proof.purged;
  if (proof.isUndone) result.undone++;
  if (result.scope !== "full") for (const session of proof.sessions) run.sessions.add(session);
  run.last = { position: link.position, digest: link.chainDigest };
  run.bytesDone += link.logBytes;
  if (run.sessions.size >= sessionsToHold) await proveHeldSessions(run);
  const now = performance.now();
  if (now - run.notedAt > noteEveryMs) {
    run.notedAt = now;
    await note(run, "running");
  }
  const { bytes, bytesDone } = run;
  options.onProgress?.({ bytes, bytesDone, events: result.events, elapsedMs: now - run.began });
  // SQLite answers at once: without this no signal would ever be heard.
  await new Promise(setImmediate);
}

/** Counts the sessions of the batches read since the last time; then all is proved up to the last of them. */
async function proveHeldSessions(run: Run): Promise<void> {
  run.result.sessions += await proveSessions(run.database, run.result.findings, run.sessions);
  run.sessions.clear();
  if (findingCount(run.result.findings) === 0) advance(run);
}

/** What was read joins what is proved, where no batch was left out in between. */
function advance(run: Run): void {
  if (run.last === undefined || run.start > run.proved.position + 1) return;
  if (run.last.position > run.proved.position) run.proved = run.last;
}

async function proveDerived(run: Run): Promise<void> {
  const { database, result, options } = run;
  if (result.scope !== "full") {
    await proveHeldSessions(run);
    return;
  }
  result.sessions = await proveAllSessions(database, result.findings, {
    goesOn: () => options.stop?.requested !== true,
    lanes: derivedLanes,
  });
  if (findingCount(result.findings) === 0 && options.stop?.requested !== true) advance(run);
}

/** The chain still has the link up to which all was proved before. */
function checkRemembered({ remembered, result }: Run, link: Link): void {
  if (link.position !== remembered.position || link.chainDigest.equals(remembered.digest)) return;
  differs(result.findings, "ingest_batches", "not the digest that an earlier verification has proved", {
    batch_id: link.batchId,
    column: "chain_digest",
    stored: link.chainDigest.toString("hex"),
    expected: remembered.digest.toString("hex"),
  });
}

/** The chain still has the link that was exported, and all record digests before it are the same. */
function checkAgainst(against: ChainHead | undefined, link: Link, findings: Findings): void {
  if (against === undefined || link.position !== against.position) return;
  for (const name of Object.keys(emptyHead) as (keyof ChainHead)[]) {
    if (link.head[name] === against[name]) continue;
    differs(findings, "ingest_batches", "not the chain that was exported", {
      batch_id: link.batchId,
      column: name === "position" || name === "record_chain" ? "record_digest" : name,
      stored: String(link.head[name]),
      expected: String(against[name]),
    });
  }
}

/** The chain is no shorter than it was known to be. */
function checkEnds({ result, remembered, options }: Run): void {
  const ends = [
    ["proved by an earlier verification", remembered.position],
    ["exported", options.against?.position ?? 0],
  ] as const;
  for (const [what, position] of ends) {
    if (result.head.position >= position) continue;
    differs(result.findings, "ingest_batches", `the last batches of the chain are missing; it was ${what}`, {
      key: `chain positions ${result.head.position + 1} to ${position}`,
    });
  }
}

async function endRun(run: Run): Promise<Verified> {
  const { result, options } = run;
  const { differences, unprovedCount } = result.findings;
  // What was proved once is not any more: the next run reads it again.
  if (differences + unprovedCount > 0 && run.start <= run.remembered.position)
    run.proved = { position: 0, digest: Buffer.alloc(0) };
  if (differences > 0) result.state = "differences";
  else if (options.stop?.requested === true) result.state = "interrupted";
  else if (unprovedCount > 0) result.state = "unproved";
  await note(run, result.state);
  result.proved_position = run.proved.position;
  result.elapsed_ms = Math.round(performance.now() - run.began);
  return result;
}

async function note(run: Run, state: Verified["state"] | "running"): Promise<void> {
  const { result, proved } = run;
  await none(run.database, verifyNoteVerification, {
    verification_id: run.verificationId,
    state,
    proved_position: proved.position,
    chain_digest: proved.position === 0 ? null : proved.digest,
    batches: result.batches,
    events: result.events,
    sessions: result.sessions,
    differences: result.findings.differences,
    unproved: result.findings.unprovedCount,
  });
}
