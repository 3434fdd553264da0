import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { checkManifest, type ManifestCheck } from "../hydrate/manifest.ts";
import { jobProgress } from "../telemetry/progress.ts";
import { counted, green, red, table, visible, yellow } from "../term.ts";
import { answer } from "./output.ts";
import { withStore } from "./store.ts";
import type { VerifyOptions } from "./verify.ts";

/** `cowriedb verify --manifest FILE`: compares every row that was there when a copy was signed off with its digests. */
export async function verifyManifest(options: VerifyOptions): Promise<ExitCode> {
  if (options.full || options["from-batch"] !== "" || options.export !== "" || options.against !== "")
    throw usageError("--manifest goes with no other option of verify.", "Run verify twice.");
  return withStore(options, async (database) => {
    const first = { state: "running", phase: "proving", unit: "part", current: 0, total: null };
    const progress = jobProgress("Comparing", options.quiet, first);
    const found = await checkManifest(database, options.manifest, (current, total) => {
      progress.show({ ...first, current, total });
    }).finally(progress.end);
    answer(options, found, () => textOf(found));
    if (found.differences > 0) return exitCodes.differences;
    return found.changed > 0 ? exitCodes.unproved : exitCodes.done;
  });
}

function textOf(found: ManifestCheck): string {
  const mark = found.differences > 0 ? red("✘") : found.changed > 0 ? yellow("…") : green("✔");
  const lines = [
    `${mark} ${counted(found.proved, "part")} of ${found.parts} as signed off by ${visible(found.actor)} at ${visible(found.signed_off_at)}; ${counted(found.new_rows, "row is", "rows are")} new since.`,
  ];
  const changed = found.tables.filter((one) => one.changed.length > 0);
  if (changed.length > 0)
    lines.push(
      table(
        changed.map((one) => [
          one.table_name,
          `${one.changed.length} of ${one.parts}`,
          one.is_mutable ? "may have changed in use" : "never changes",
          `behind ${visible(one.changed[0]?.after ?? "the start")}, up to ${visible(one.changed[0]?.last ?? "")}`,
        ]),
        ["table", "parts changed", "rows", "first"],
      ),
    );
  return lines.join("\n");
}
