import { CowriedbError } from "../errors.ts";
import { measureFolder } from "../migrate/folder/measure.ts";
import { counted, green, table, visible, yellow } from "../term.ts";
import type { ExitCode } from "../errors.ts";
import { changed, talkOf, type FolderOptions } from "./migrate-folder.ts";
import { answer } from "./output.ts";

/** `cowriedb migrate measure --dir`: what each pending file locks and how long it takes, found out on a copy. */
export async function folderMeasureCommand(
  options: FolderOptions & { "on-a-copy": boolean },
): Promise<ExitCode> {
  if (!options["on-a-copy"]) {
    throw new CowriedbError(
      "migrate.not_a_copy",
      "To measure is to apply: it locks what it measures, and what is pending is applied at the end.",
      { hint: "Give a copy of the database that nobody uses, and say so: --on-a-copy" },
    );
  }
  return changed(options, false, async ({ database, folder, target }, stop) => {
    const found = await measureFolder(database, target, folder, talkOf(options, stop));
    answer(options, found, () =>
      [
        ...(found.costs.length === 0
          ? ["Nothing was measured."]
          : [
              table(
                found.costs.map(({ migration, table: name, lock, work, fixed_ms, per_million_ms }) => [
                  ...[migration, visible(name), lock, work],
                  name === "-" ? `${fixed_ms} ms` : `${per_million_ms} ms a million rows`,
                ]),
              ),
            ]),
        ...found.not_measured.map(
          (name) => `${yellow("…")} ${name} runs in no transaction of its own: applied, not measured`,
        ),
        `${green("✔")} ${counted(found.costs.length, "line")} in ${visible(found.file)}, which migrate plan reads.`,
      ].join("\n"),
    );
  });
}
