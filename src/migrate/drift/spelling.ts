import type { Database } from "../../db/database.ts";
import { isOfDriver } from "../../db/database-error.ts";
import { execute } from "../../db/execute.ts";
import { inTrial } from "../../db/writing.ts";
import { readKind, type Facet, type Model, type Reading, type Thing } from "./definitions.ts";

/** Kinds of which the server writes down the whole from what it has understood, no word as it was given. */
const spelled = new Set([
  ...["view", "materialized view", "rule", "check", "exclusion constraint", "index", "statistics"],
  ...["trigger", "policy"],
]);
/** Facets of other kinds that it writes down so. */
const spelledFacets: Partial<Record<string, readonly string[]>> = {
  column: ["default", "expression"],
  domain: ["default"],
  function: ["arguments", "body"],
  procedure: ["arguments", "body"],
};
/** A text that is read and written down so often stays as it is, or never will. */
const mostTurns = 4;

/**
 * Gives `live` the spelling of `shouldBe` where both are the same to the server. What PostgreSQL writes down of a view or a check it may
 * write down otherwise once it has read that itself, as after pg_dump and a restore: so both texts are made in `shadow`, again and again,
 * until one is spelled as the other was. All of it is taken back.
 */
export async function agreeOnSpelling(
  shadow: Database,
  live: Model,
  shouldBe: Model,
  reading: Reading,
): Promise<void> {
  for (const { thing, now, facet } of spelledOtherwise(live, shouldBe)) {
    const here = new Set([valueOf(now, facet)]);
    const there = new Set([valueOf(thing, facet)]);
    const isSame =
      (await meets(shadow, thing, facet, { seen: there, sought: here, reading })) ||
      (await meets(shadow, now, facet, { seen: here, sought: there, reading }));
    if (isSame) now.facets.set(facet, thing.facets.get(facet) as Facet);
  }
}

/** Whether there is anything to agree on. */
export function isSpelledOtherwise(live: Model, shouldBe: Model): boolean {
  return live.dialect === "postgres" && spelledOtherwise(live, shouldBe).length > 0;
}

function spelledOtherwise(live: Model, shouldBe: Model): { thing: Thing; now: Thing; facet: string }[] {
  return [...shouldBe.things.values()].flatMap((thing) => {
    const now = live.things.get(thing.key);
    if (now === undefined) return [];
    const facets = spelled.has(thing.kind) ? [""] : (spelledFacets[thing.kind] ?? []);
    return facets
      .filter((facet) => {
        const [one, other] = [valueOf(thing, facet), valueOf(now, facet)];
        return one !== other && one !== "" && other !== "";
      })
      .map((facet) => ({ thing, now, facet }));
  });
}

/** Whether a thing, read by the server from its own spelling, comes to be spelled as one of `sought`; notes each spelling in `seen`. */
async function meets(
  shadow: Database,
  thing: Thing,
  facet: string,
  { seen, sought, reading }: { seen: Set<string>; sought: ReadonlySet<string>; reading: Reading },
): Promise<boolean> {
  let now: Thing | undefined = thing;
  for (let turn = 0; turn < mostTurns; turn++) {
    now = await madeAnew(shadow, now, facet, reading);
    if (now === undefined) return false;
    const value = valueOf(now, facet);
    if (sought.has(value)) return true;
    if (seen.has(value)) return false;
    seen.add(value);
  }
  return false;
}

function valueOf({ facets }: Thing, facet: string): string {
  return facets.get(facet)?.value ?? "";
}

/** The thing as the shadow has it once it was made of its own text; undefined where it cannot be made there. */
async function madeAnew(
  shadow: Database,
  { key, kind, facets }: Thing,
  facet: string,
  reading: Reading,
): Promise<Thing | undefined> {
  const [whole, part] = [facets.get(""), facets.get(facet)];
  const change = facet === "" ? null : (part?.put ?? null);
  const statements = change === null ? [`${whole?.remove ?? ""} cascade`, whole?.put ?? null] : [change];
  if (statements.includes(null)) return undefined;
  try {
    return await inTrial(shadow, async (trial) => {
      const read = await readKind(trial, kind, reading, async () => {
        for (const statement of statements) await execute(trial, statement ?? "");
      });
      return read.get(key);
    });
  } catch (error) {
    if (isOfDriver(error)) return undefined;
    throw error;
  }
}
