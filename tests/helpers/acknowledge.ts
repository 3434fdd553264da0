import { appendFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import * as api from "@opentelemetry/api";
import type { Span, Tracer } from "@opentelemetry/api";
import { useTelemetryApi } from "../../src/telemetry/api.ts";

const { INVALID_SPAN_CONTEXT, SpanStatusCode, trace } = api;

// Loaded into the program before it starts. It listens to the program's own spans as a collector would, and writes a
// line for every batch that the program believes to be committed: what it would have told the world.

const path = process.env["COWRIEDB_TEST_ACKNOWLEDGED"] ?? "";

function listened(name: string): Span {
  let hasFailed = false;
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  return Object.assign(Object.create(span) as Span, {
    setStatus: (status: { code: api.SpanStatusCode }) => {
      hasFailed ||= status.code === SpanStatusCode.ERROR;
    },
    end: () => {
      if (name === "ingest.batch" && !hasFailed) appendFileSync(path, "batch\n");
    },
  });
}

const tracer: Tracer = {
  startSpan: (name) => listened(name),
  startActiveSpan: (name: string, ...rest: unknown[]) =>
    (rest.at(-1) as (span: Span) => never)(listened(name)),
};

if (isMainThread && path !== "") {
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  useTelemetryApi(api);
}

// The reader's thread dies of what nobody has thought of.
if (!isMainThread && process.env["COWRIEDB_TEST_READER_DIES"] === "1") {
  setTimeout(() => {
    throw new Error("out of thought");
  }, 200);
}
