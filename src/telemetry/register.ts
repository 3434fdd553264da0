import { usageError } from "../errors.ts";

/** Ends the sending of spans and metrics: what is left is sent, for a few seconds at most. Never fails. */
export type EndExport = () => Promise<void>;

/**
 * Has spans and metrics sent where COWRIEDB_OTEL is `otlp`. Without it nothing of the SDK is imported: that takes longer
 * than most commands.
 */
export async function startExport(
  version: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<EndExport> {
  const wanted = environment["COWRIEDB_OTEL"] ?? "";
  if (wanted === "" || environment["OTEL_SDK_DISABLED"] === "true") return async () => Promise.resolve();
  if (wanted !== "otlp")
    throw usageError(
      `COWRIEDB_OTEL must be otlp or empty; it is ${JSON.stringify(wanted)}.`,
      "See runbooks/reference/telemetry.md.",
    );
  const { registerExporters } = await import("./exporter.ts");
  return registerExporters(version, environment);
}
