import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it was received. */
export interface ReceivedSpan {
  name: string;
  id: string;
  parent: string;
  trace: string;
  attributes: Record<string, unknown>;
  /** 2 is ERROR. */
  status: number;
}

/** A data point as it was received. */
export interface ReceivedPoint {
  metric: string;
  attributes: Record<string, unknown>;
  /** The value of a sum, the count of a histogram. */
  value: number;
}

/** What a receiver of OTLP as JSON over HTTP got. */
export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  points: ReceivedPoint[];
  resources: Record<string, unknown>[];
  headers: IncomingHttpHeaders[];
  /** All bodies as text. */
  text(): string;
  close(): Promise<void>;
}

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
}
interface Attribute {
  key: string;
  value: Value;
}
interface Scoped {
  resource: { attributes: Attribute[] };
  scopeSpans?: { spans: Span[] }[];
  scopeMetrics?: { metrics: Metric[] }[];
}
interface Span {
  name: string;
  spanId: string;
  parentSpanId?: string;
  traceId: string;
  attributes: Attribute[];
  status: { code?: number };
}
interface Point {
  attributes: Attribute[];
  asDouble?: number;
  asInt?: string | number;
  count?: number;
}
interface Metric {
  name: string;
  sum?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
}

/** Starts a receiver on a port of its own. */
export async function startReceiver(): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const received: OtlpReceiver = {
    ...{ url: "", spans: [], points: [], resources: [], headers: [] },
    text: () => bodies.join("\n"),
    close: async () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      bodies.push(text);
      received.headers.push(request.headers);
      const body = JSON.parse(text) as { resourceSpans?: Scoped[]; resourceMetrics?: Scoped[] };
      if (request.url === "/v1/traces") body.resourceSpans?.forEach((each) => takeSpans(received, each));
      if (request.url === "/v1/metrics") body.resourceMetrics?.forEach((each) => takePoints(received, each));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  received.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return received;
}

function takeSpans(received: OtlpReceiver, { resource, scopeSpans = [] }: Scoped): void {
  received.resources.push(asObject(resource.attributes));
  for (const span of scopeSpans.flatMap(({ spans }) => spans))
    received.spans.push({
      name: span.name,
      id: span.spanId,
      parent: span.parentSpanId ?? "",
      trace: span.traceId,
      attributes: asObject(span.attributes),
      status: span.status.code ?? 0,
    });
}

function takePoints(received: OtlpReceiver, { resource, scopeMetrics = [] }: Scoped): void {
  received.resources.push(asObject(resource.attributes));
  for (const { name, sum, histogram } of scopeMetrics.flatMap(({ metrics }) => metrics))
    for (const point of [...(sum?.dataPoints ?? []), ...(histogram?.dataPoints ?? [])])
      received.points.push({
        metric: name,
        attributes: asObject(point.attributes),
        value: point.asDouble ?? Number(point.asInt ?? point.count),
      });
}

function asObject(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? value.boolValue ?? Number(value.intValue),
    ]),
  );
}
