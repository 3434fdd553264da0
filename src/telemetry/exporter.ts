import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { setTimeout as sleep } from "node:timers/promises";
import { shownUrl } from "../config.ts";
import { visible } from "../term.ts";
import { useTelemetryApi } from "./api.ts";
import type { EndExport } from "./register.ts";

const { context, diag, DiagLogLevel, metrics, trace } = api;

/** So long may one sending take, its repetitions included; a receiver that is away must not hold up a command. */
const sendMs = 3_000;
/** So long does the end of the program wait for what is left. */
const endMs = 3_500;

/** Registers the SDK with exporters that send OTLP as JSON over HTTP, as the standard OTEL_ variables say where to. */
export function registerExporters(version: string, environment: NodeJS.ProcessEnv): EndExport {
  const warn = warnOnce(environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "http://localhost:4318");
  const resource = resourceFromAttributes({
    "service.name": "cowriedb",
    "service.version": version,
    "process.pid": process.pid,
  }).merge(detectResources({ detectors: [envDetector] }));
  const sending = { timeoutMillis: sendMs };
  const tracers = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(sending) })],
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(sending),
        exportTimeoutMillis: sendMs,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
  useTelemetryApi(api);
  return endOnSignals(async () => {
    const timer = new AbortController();
    const sent = Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
    const late = sleep(endMs, [], { signal: timer.signal }).catch(() => []);
    const ends = await Promise.race([sent, late]);
    if (ends.length === 0 || ends.some(({ status }) => status === "rejected")) warn();
    timer.abort();
  });
}

/** A signal that no command takes up ends the program as it would have, once what is left is sent. */
function endOnSignals(send: EndExport): EndExport {
  let sent: Promise<void> | undefined;
  const end: EndExport = async () => (sent ??= send());
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const handle = (): void => {
      if (process.listenerCount(signal) > 1) return;
      void end().then(() => {
        process.off(signal, handle);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, handle);
  }
  return end;
}

/** The SDK's complaints, which come once a sending, are one line. */
function warnOnce(endpoint: string): () => void {
  let hasWarned = false;
  const warn = (): void => {
    if (!hasWarned)
      process.stderr.write(
        `Spans and metrics cannot be sent to ${visible(shownUrl(endpoint))}; the command goes on without.\n`,
      );
    hasWarned = true;
  };
  const silent = (): void => undefined;
  diag.setLogger(
    { error: warn, warn: silent, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  return warn;
}
