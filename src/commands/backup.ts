import { backUp } from "../backup/backup.ts";
import { targetOf } from "../config.ts";
import { CowriedbError, usageError, type ExitCode } from "../errors.ts";
import { toolVersion } from "../migrate/files/files.ts";
import { counted, green, readableBytes, yellow } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { stopOnSignals } from "./signals.ts";

/** `cowriedb backup FILE`: copies the store beside its writers, opens the copy and holds it against the store. */
export async function backup(
  words: readonly string[],
  options: CommonOptions & { "verify-into": string },
): Promise<ExitCode | undefined> {
  const [path = ""] = words;
  if (words.length !== 1 || path === "" || path === "-")
    throw usageError("backup needs the name of one new file.", "Run: cowriedb backup --help");
  const stop = stopOnSignals();
  try {
    const result = await backUp(targetOf(options.db), path, {
      verifyInto: options["verify-into"] === "" ? null : targetOf(options["verify-into"]),
      isStopped: () => stop.requested,
      toolVersion,
    });
    const rows = Object.values(result.facts.tables).reduce((sum, count) => sum + count, 0);
    answer(options, result, () =>
      [
        `${green("✔")} ${result.file}: ${readableBytes(result.bytes)}, ${counted(rows, "row")}, chain at position ${result.facts.chain_position}.`,
        ...result.proved.map((text) => `  Proved: ${text}.`),
        ...result.not_proved.map((text) => `  ${yellow("Not proved")}: ${text}.`),
      ].join("\n"),
    );
    return undefined;
  } catch (error) {
    if (error instanceof CowriedbError && error.code === "backup.stopped") return stop.exitCode;
    throw error;
  } finally {
    stop.release();
  }
}
