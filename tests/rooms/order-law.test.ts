import fc from "fast-check";
import t from "tap";
import { canonicalTables } from "../helpers/canonical.ts";
import { shareOf } from "../helpers/cli.ts";
import { engines, freshStore, type Engine } from "../helpers/database.ts";
import { generatedLine, logOf, type LineChoice } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";

const seed = 20_261_121;

/** How the lines of a pool come into a store. */
interface Plan {
  /** The order of the lines; those named twice come twice, and every line is named. */
  order: number[];
  /** Into how many files. */
  files: number;
  /** Records in a batch, taken in turn. */
  sizes: number[];
}

const choice: fc.Arbitrary<LineChoice> = fc.record({
  kind: fc.nat(17),
  session: fc.nat(8),
  // Few instants, so that many events have the same one.
  second: fc.nat(5),
  address: fc.nat(7),
  sensor: fc.nat(3),
  variant: fc.nat(12),
});

const lawCase = fc
  .array(choice, { minLength: 1, maxLength: 60 })
  .chain((choices) => fc.tuple(fc.constant(choices.map(generatedLine)), planOf(choices.length)));

function planOf(lines: number): fc.Arbitrary<Plan> {
  const all = Array.from({ length: lines }, (_none, index) => index);
  return fc
    .array(fc.nat(lines - 1), { maxLength: 30 })
    .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: lines + again.length }))
    .chain((order) =>
      fc.record({
        order: fc.constant(order),
        files: fc.integer({ min: 1, max: 4 }),
        sizes: fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 }),
      }),
    );
}

const all = engines();
for (const engine of all) {
  await t.test(
    `any order, batches, files and repetition give the same rows (${engine.name})`,
    async (test) => {
      const cases = shareOf(300, engine, all);
      test.comment(`${cases} cases of seed ${seed}`);
      let rows = 0;

      await fc.assert(
        fc.asyncProperty(lawCase, async ([lines, plan]) => {
          const straight = await tablesOf(engine, [logOf(lines)], [lines.length]);
          const mixed = await tablesOf(engine, filesOf(lines, plan), plan.sizes);
          if (JSON.stringify(mixed) !== JSON.stringify(straight)) {
            test.same(
              mixed,
              straight,
              `the rows of ${plan.files} files in batches of ${plan.sizes.join(", ")}`,
            );
            throw new Error("The order law is broken.");
          }
          rows += Object.values(mixed).flat().length;
        }),
        { seed, numRuns: cases },
      );

      test.ok(rows >= cases, `${rows} rows were compared`);
    },
  );
}

function filesOf(lines: readonly string[], plan: Plan): Buffer[] {
  const size = Math.ceil(plan.order.length / plan.files);
  const ordered = plan.order.map((index) => lines[index] ?? "");
  return Array.from({ length: plan.files }, (_none, index) =>
    logOf(ordered.slice(index * size, (index + 1) * size)),
  );
}

async function tablesOf(
  engine: Engine,
  files: readonly Buffer[],
  sizes: readonly number[],
): Promise<Record<string, string[]>> {
  const store = await freshStore(engine);
  try {
    for (const [index, content] of files.entries()) {
      await loadInProcess(store.database, `cowrie.json.${index}`, content, sizes);
    }
    return await canonicalTables(store.database);
  } finally {
    await store.dispose();
  }
}
