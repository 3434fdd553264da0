import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import { inRangeSnapshot } from "../db/snapshot.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import { checkSession } from "../jobs/jobs.ts";
import {
  reconcileDay,
  reconcileDayText,
  reconcileLastCertificate,
  reconcilePlaceOfSession,
  reconcileTextOfPart,
  type ReconcilePlaceOfSessionRow,
} from "../sql/generated.ts";
import { maybe, one } from "../sql/run.ts";
import { digestWith } from "./buckets.ts";
import { daysDigest, rootOf, type Certificate } from "./certificate.ts";
import { differencesOf, shortened, type Finding } from "./differences.ts";

/** How a session stands. */
export interface SessionProof {
  session_id: string;
  state: "proved" | "differs" | "not_proved" | "broken_certificate";
  findings: Finding[];
  range_number: number | null;
  day: string | null;
  /** Sessions of its bucket when that was proved last. */
  bucket_sessions: number;
  /** Null where it never was proved. */
  bucket_digest: string | null;
  /** The digest that was proved last; null where none was. */
  proved_digest: string | null;
  proved_run_id: number | null;
  deep_proved_at: string | null;
  /** The certificate that it stands with: its bucket, the bucket's day and the days lead to the root. */
  certificate: Certificate | null;
  exit: ExitCode;
  /** How long the proof took, in milliseconds. */
  elapsed_ms: number;
}

/**
 * Counts a session again from its events, and follows its bucket and its day up to the root of the last certificate, all
 * in one snapshot. Of the bucket the part is read that holds the session. Throws `jobs.no_session` where neither an event nor a summary has the id.
 */
export async function proveSession(database: Database, session: string): Promise<SessionProof> {
  const began = performance.now();
  const proof = await proofOf(database, session);
  return { ...proof, elapsed_ms: Math.round((performance.now() - began) * 10) / 10 };
}

async function proofOf(database: Database, session: string): Promise<Omit<SessionProof, "elapsed_ms">> {
  return inRangeSnapshot(database, async (snapshot) => {
    const findings = (await differencesOf(snapshot, [session])).map(shortened);
    const place = await maybe(snapshot, reconcilePlaceOfSession, { session_id: session });
    if (place === undefined) {
      if (session === "" || findings.length === 0) await checkSession(snapshot, session);
      return { ...nowhere, session_id: session, state: "differs", findings, exit: exitCodes.differences };
    }
    const { day, digest: proved } = place;
    const digest = await bucketAsIs(snapshot, place);
    const isProved = proved !== null && digest?.equals(proved) === true;
    const certificate = await certificateOf(snapshot, day);
    const state =
      findings.length > 0
        ? "differs"
        : !isProved || certificate === undefined
          ? "not_proved"
          : certificate === "broken"
            ? "broken_certificate"
            : "proved";
    return {
      ...{ session_id: session, state, findings, range_number: place.range_number, day },
      ...{ bucket_sessions: place.sessions ?? 0, bucket_digest: digest?.toString("hex") ?? null },
      proved_digest: proved === null ? null : Buffer.from(proved).toString("hex"),
      ...{ proved_run_id: place.proved_run_id, deep_proved_at: place.deep_proved_at },
      certificate: typeof certificate === "object" && isProved ? certificate : null,
      exit: exitOf[state],
    };
  });
}

/** The digest of a bucket that was proved once: the part of the session as it is, with the others as they were proved. */
async function bucketAsIs(
  snapshot: Database,
  place: ReconcilePlaceOfSessionRow,
): Promise<Buffer | undefined> {
  const { from_session, before_session, day, part_number: part, part_digests: parts } = place;
  if (parts === null) return undefined;
  const { lines } = await one(snapshot, reconcileTextOfPart, { from_session, before_session, day });
  return digestWith(parts, part, digestOf(lines));
}

const nowhere = {
  ...{ range_number: null, day: null, bucket_sessions: 0, bucket_digest: null, proved_digest: null },
  ...{ proved_run_id: null, deep_proved_at: null, certificate: null },
};

const exitOf: Record<SessionProof["state"], ExitCode> = {
  proved: exitCodes.done,
  differs: exitCodes.differences,
  not_proved: exitCodes.unproved,
  broken_certificate: exitCodes.needsPerson,
};

/** The last certificate, where the day leads up to it; undefined where there is none. */
async function certificateOf(snapshot: Database, day: string): Promise<Certificate | "broken" | undefined> {
  const last = await maybe(snapshot, reconcileLastCertificate, {});
  if (last === undefined) return undefined;
  const text = await maybe(snapshot, reconcileDayText, { day });
  const kept = await maybe(snapshot, reconcileDay, { day });
  const isDay = text !== undefined && kept !== undefined && digestOf(text.lines).equals(kept.digest);
  const facts = JSON.parse(last.facts) as { days_digest?: unknown };
  const isDays = facts.days_digest === (await daysDigest(snapshot));
  const root = Buffer.from(last.root);
  if (!isDay || !isDays || !rootOf(last.previous_root, last.facts).equals(root)) return "broken";
  const previous_root = Buffer.from(last.previous_root).toString("hex");
  return { run_id: last.run_id, root: root.toString("hex"), previous_root };
}
