import { digestOf } from "../checksum.ts";
import type { Database } from "../db/database.ts";
import {
  reconcileAddCertificate,
  reconcileBucketScope,
  reconcileCertificates,
  reconcileClearPending,
  reconcileDayText,
  reconcileDayTexts,
  reconcileDays,
  reconcileDropBuckets,
  reconcileDropDays,
  reconcileLastCertificate,
  reconcilePartsOfDay,
  reconcilePendingDays,
  reconcileProvingRuns,
  reconcileRun,
  reconcileSetBuckets,
  reconcileSetDay,
} from "../sql/generated.ts";
import { many, maybe, none, one } from "../sql/run.ts";
import type { Finding } from "./differences.ts";

/** The root of a certificate, and of the one before, in hexadecimal digits. */
export interface Certificate {
  run_id: number;
  root: string;
  previous_root: string;
}

const noRoot = Buffer.alloc(32);

/** Makes what a run has proved hold, and certifies it; to be called in the transaction that ends the run. */
export async function certify(
  database: Database,
  runId: number,
  found: { found: Record<string, number>; repaired: Record<string, number> },
): Promise<Certificate> {
  const changed = await many(database, reconcilePendingDays, { run_id: runId });
  await none(database, reconcileDropBuckets, { run_id: runId });
  await none(database, reconcileSetBuckets, { run_id: runId });
  await none(database, reconcileClearPending, {});
  // Of a year of days a night changes few, and others wait to write meanwhile.
  await none(database, reconcileDropDays, {});
  for (const { day } of changed) {
    const text = await maybe(database, reconcileDayText, { day });
    if (text !== undefined) await none(database, reconcileSetDay, { day, digest: digestOf(text.lines) });
  }
  const last = await maybe(database, reconcileLastCertificate, {});
  const previous = last === undefined ? noRoot : Buffer.from(last.root);
  const facts = await factsOf(database, runId, found);
  const root = rootOf(previous, facts);
  await none(database, reconcileAddCertificate, { run_id: runId, previous_root: previous, root, facts });
  return { run_id: runId, root: root.toString("hex"), previous_root: previous.toString("hex") };
}

/** BLAKE3 of the root before and the facts. */
export function rootOf(previous: Uint8Array, facts: string): Buffer {
  return digestOf(Buffer.concat([previous, Buffer.from(facts)]));
}

/** BLAKE3 over all days: the top of the two levels, days over buckets. */
export async function daysDigest(database: Database): Promise<string> {
  const days = await many(database, reconcileDays, {});
  const text = days.map(({ day, digest }) => `${day} ${Buffer.from(digest).toString("hex")};`).join("");
  return digestOf(text).toString("hex");
}

/** What a certificate says, as JSON with its keys in order. */
async function factsOf(
  database: Database,
  runId: number,
  found: { found: Record<string, number>; repaired: Record<string, number> },
): Promise<string> {
  const scope = await one(database, reconcileBucketScope, {});
  return sorted({
    ...(await runFacts(database, runId)),
    ...{ ...found, buckets_proved: scope.buckets, oldest_deep_proved_at: scope.oldest_deep_proved_at },
    days_digest: await daysDigest(database),
  });
}

/** What the row of a run says that does not change when it ends. */
async function runFacts(database: Database, runId: number): Promise<Record<string, unknown>> {
  const row = await one(database, reconcileRun, { run_id: runId });
  const { run_id, mode, since_position, watermark_position, watermark_digest, started_at } = row;
  const { sessions, events, buckets, deep_buckets, deep_sessions, in_flight } = row;
  const { raw_events, summed_events, unattributed_events, accepted_events, duplicate_sightings } = row;
  return {
    ...{ run_id, mode, since_position, watermark_position, started_at },
    watermark_digest: watermark_digest === null ? null : Buffer.from(watermark_digest).toString("hex"),
    ...{ sessions, events, buckets, deep_buckets, deep_sessions, in_flight },
    ...{ raw_events, summed_events, unattributed_events, accepted_events, duplicate_sightings },
    ...{ tool_version: row.tool_version, schema_version: row.schema_version, actor: row.actor },
  };
}

/** JSON with the keys of an object, and of objects in it, in order. */
function sorted(value: Record<string, unknown>): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

/**
 * Recomputes the chain of certificates, and the digests of days and buckets that the last one stands for; gives what does
 * not hold. (Whether summaries are what a bucket's digest says is seen when the bucket is proved.)
 */
export async function certificateFindings(database: Database): Promise<Finding[]> {
  const found: Finding[] = [];
  const differs = (item: string, column: string, stored: string | null, expected: string | null): void => {
    found.push({
      ...{ class: "certificate_mismatch", table_name: "reconcile_certificates", session_id: "" },
      ...{ item, column_name: column, stored, expected },
    });
  };
  let previous: Uint8Array = noRoot;
  let facts: Record<string, unknown> = {};
  const certificates = await many(database, reconcileCertificates, {});
  for (const certificate of certificates) {
    const item = `run ${certificate.run_id}`;
    if (!Buffer.from(certificate.previous_root).equals(previous))
      differs(item, "previous_root", hexOf(certificate.previous_root), hexOf(previous));
    const root = rootOf(certificate.previous_root, certificate.facts);
    if (!root.equals(certificate.root)) differs(item, "root", hexOf(certificate.root), hexOf(root));
    previous = certificate.root;
    facts = JSON.parse(certificate.facts) as Record<string, unknown>;
    for (const [column, value] of Object.entries(await runFacts(database, certificate.run_id)))
      if (value !== facts[column]) differs(item, column, String(value), String(facts[column]));
  }
  const ids = new Set(certificates.map((certificate) => certificate.run_id));
  for (const { run_id: runId } of await many(database, reconcileProvingRuns, {}))
    if (!ids.has(runId)) differs(`run ${runId}`, "", null, "a certificate");
  if (certificates.length === 0) return found;
  const digest = await daysDigest(database);
  if (digest !== facts["days_digest"])
    differs("reconcile_days", "days_digest", digest, String(facts["days_digest"]));
  const days = new Map(
    (await many(database, reconcileDays, {})).map((row) => [row.day, Buffer.from(row.digest)]),
  );
  for (const { day, lines } of await many(database, reconcileDayTexts, {})) {
    const isOf = digestOf(lines);
    const kept = days.get(day);
    if (kept?.equals(isOf) !== true)
      differs(`day ${day}`, "digest", kept?.toString("hex") ?? null, isOf.toString("hex"));
    days.delete(day);
    for (const { range_number: range, digest: bucket, part_digests } of await many(
      database,
      reconcilePartsOfDay,
      { day },
    )) {
      const ofParts = digestOf(part_digests);
      if (!ofParts.equals(bucket))
        differs(`day ${day}, range ${range}`, "part_digests", hexOf(ofParts), hexOf(bucket));
    }
  }
  for (const [day, kept] of days) differs(`day ${day}`, "digest", kept.toString("hex"), null);
  return found;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
