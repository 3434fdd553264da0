import type { Attributes } from "@opentelemetry/api";
import { telemetryApi } from "./api.ts";

/** Notes in the span at hand what came out: counts, never a value of the log. */
export type Note = (attributes: Attributes) => void;

/** Runs `work` inside a span; costs nothing unless an SDK is registered. */
export async function span<T>(
  name: string,
  attributes: Attributes,
  work: (note: Note) => Promise<T>,
): Promise<T> {
  const api = telemetryApi();
  if (api === undefined) return work(() => undefined);
  return api.trace.getTracer("cowriedb").startActiveSpan(name, { attributes }, async (active) => {
    try {
      return await work((more) => void active.setAttributes(more));
    } catch (error) {
      // A message may have a value of the log in it; a code has not.
      active.setAttribute("error.type", typeOf(error));
      active.setStatus({ code: api.SpanStatusCode.ERROR });
      throw error;
    } finally {
      active.end();
    }
  });
}

/** The attribute that says which engine the store is on, as the semantic conventions name the engines. */
export function systemOf(dialect: "sqlite" | "postgres"): { "db.system.name": string } {
  return { "db.system.name": dialect === "sqlite" ? "sqlite" : "postgresql" };
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
