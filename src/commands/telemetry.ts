import { toolVersion } from "../migrate/files/names.ts";
import { startExport, type EndExport } from "../telemetry/register.ts";

let end: EndExport | undefined;

/** Runs a command; its spans and metrics are sent where COWRIEDB_OTEL asks for it, however it ends. */
export async function withTelemetry<T>(command: () => Promise<T>): Promise<T> {
  end = await startExport(toolVersion);
  try {
    return await command();
  } finally {
    await end();
  }
}

/** Sends what is left before the program ends in the middle of a command. */
export async function endTelemetry(): Promise<void> {
  await end?.();
}
