import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { jobBatch, jobRun, countDrift } from "../../src/telemetry/measured.ts";
import { startExport } from "../../src/telemetry/register.ts";
import type { StatusDocument } from "../../src/telemetry/status-document.ts";
import type { StatusList } from "../../src/telemetry/status-folder.ts";
import { cowriedb, program } from "../helpers/cli.ts";
import { moduleUrl, runCode } from "../helpers/code.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { startReceiver, type OtlpReceiver, type ReceivedSpan } from "../helpers/otlp-receiver.ts";

for (const engine of engines()) {
  void t.test(
    `${engine.name}: a receiver gets every load and batch, and sums that are the store's own`,
    async (t) => {
      const store = await freshStore(engine);
      const receiver = await startReceiver();
      t.teardown(async () => Promise.all([store.dispose(), receiver.close()]));
      const lines = Array.from({ length: 12 }, (_, number) => sessionLines(sessionId(number))).join("");
      const folder = t.testdir({ "cowrie.json.2026-01-05": `${lines}not json\n\n`, "cowrie.json": lines });
      const env = environmentOf(receiver);

      const first = await cowriedb(["ingest", "bulk", folder, "--batch-size", "10", "--db", store.db], {
        env,
      });
      const sums = sumsOf(receiver, "cowriedb.ingest.records", "cowriedb.outcome");
      const batches = receiver.spans.filter(({ name }) => name === "ingest.batch");

      t.equal(first.code, 0, first.stderr);
      t.equal(first.stderr, "");
      const [stored] = await typed(
        store.database,
        `select count(*) as batches, sum(events_accepted) as accepted, sum(events_duplicate) as duplicate,
         sum(records_rejected) as rejected, sum(records_skipped) as skipped from ingest_batches`,
      );
      const asNumbers = Object.fromEntries(
        Object.entries(stored ?? {}).map(([key, value]) => [key, Number(value)]),
      );
      t.same({ batches: batches.length, ...sums }, asNumbers);
      t.equal(sumOf(receiver, "cowriedb.ingest.batches"), batches.length);
      t.equal(sumOf(receiver, "cowriedb.batch.duration"), batches.length, "each batch is in the histogram");
      const ids = await typed(store.database, "select batch_id from ingest_batches order by batch_id");
      t.same(
        batches
          .map(({ attributes }) => attributes["cowriedb.batch.id"])
          .sort((a, b) => Number(a) - Number(b)),
        ids.map(({ batch_id }) => Number(batch_id)),
      );
      const runs = await typed(store.database, "select distinct run_id from ingest_batches");
      const run = receiver.spans.find(({ name }) => name === "ingest.run");
      t.equal(run?.attributes["cowriedb.run.id"], String(runs[0]?.["run_id"]));
      t.equal(run?.attributes["db.system.name"], engine.dialect === "sqlite" ? "sqlite" : "postgresql");
      for (const span of batches)
        t.same(lineage(receiver, span), ["ingest.batch", "ingest.file", "ingest.run"]);
      for (const value of ["123456", "letmein", sessionId(3), "uname", "192.0.2.7", "not json"])
        t.notOk(receiver.text().includes(value), `nothing of the log: ${value}`);
      t.match(receiver.headers[0], { "x-token": "abc", "content-type": "application/json" });
      t.match(receiver.resources[0], { "service.name": "harbour", "deployment.environment.name": "test" });
    },
  );
}

void t.test(
  "SIGTERM ends a follower that tells how it stands, and what it counted is received",
  async (t) => {
    const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
    const receiver = await startReceiver();
    t.teardown(async () => Promise.all([store.dispose(), receiver.close()]));
    const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)), st: {} });
    const log = join(folder, "cowrie.json");
    const words = ["ingest", "delta", log, "--follow", "--db", store.db, "--status-dir", join(folder, "st")];
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...process.env, ...environmentOf(receiver) },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));

    const runs = (): StatusDocument[] => listIn(join(folder, "st"))?.jobs ?? [];
    await until(() => runs()[0]?.counts["events_accepted"] === 5);
    appendFileSync(log, sessionLines(sessionId(2)));
    await until(() => runs()[0]?.counts["events_accepted"] === 10);
    const following = runs()[0];
    child.kill("SIGTERM");

    t.equal(await ended, 143);
    t.match(following, { state: "running", phase: "following", current: 10, total: null, percent: null });
    t.match(runs(), [{ state: "interrupted", exit_code: 143, counts: { events_accepted: 10, batches: 2 } }]);
    const sums = sumsOf(receiver, "cowriedb.ingest.records", "cowriedb.outcome");
    t.same(sums, { accepted: 10, duplicate: 0, rejected: 0, skipped: 0 });
    t.equal(receiver.spans.filter(({ name }) => name === "ingest.batch").length, 2);
    const rows = await typed(store.database, "select distinct run_id from ingest_batches");
    t.same(
      rows.map(({ run_id: runId }) => runId),
      [runs()[0]?.job_id],
      "all its batches carry its number",
    );
  },
);

void t.test("a failure is a span with its code and without its message, and is received too", async (t) => {
  const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
  const receiver = await startReceiver();
  t.teardown(async () => Promise.all([store.dispose(), receiver.close()]));
  const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)) });
  await typed(
    store.database,
    "create trigger poison before insert on raw_events begin select raise(abort, 'secret words'); end",
  );

  const outcome = await cowriedb(["ingest", "bulk", folder, "--db", store.db], {
    env: environmentOf(receiver),
  });

  t.equal(outcome.code, 1);
  const failed = receiver.spans.filter(({ status }) => status === 2);
  t.same(failed.map(({ name }) => name).sort(), ["ingest.batch", "ingest.file", "ingest.run"]);
  for (const { attributes } of failed) t.match(attributes["error.type"], /^db\./);
  t.notMatch(receiver.text(), /secret words/);
});

void t.test("a receiver that is away, refuses or hangs is one warning and changes no answer", async (t) => {
  const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
  const hanging = createServer();
  await new Promise<void>((resolve) => void hanging.listen(0, "127.0.0.1", resolve));
  t.teardown(async () => {
    hanging.close();
    return store.dispose();
  });
  const port = (hanging.address() as AddressInfo).port;
  const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)) });

  const words = ["ingest", "bulk", folder, "--db", store.db, "--json"];
  for (const [index, url] of ["http://user:hidden@127.0.0.1:1", `http://127.0.0.1:${port}`].entries()) {
    const outcome = await cowriedb(words, {
      env: { COWRIEDB_OTEL: "otlp", OTEL_EXPORTER_OTLP_ENDPOINT: url },
    });

    t.equal(outcome.code, 0, url);
    t.equal((JSON.parse(outcome.stdout) as { events_accepted: number }).events_accepted, index === 0 ? 5 : 0);
    t.match(outcome.stderr, /^Spans and metrics cannot be sent to http:[^\n]*\n$/);
    t.notMatch(outcome.stderr, /hidden/);
  }
});

void t.test("a command that no signal handler guards sends its spans before SIGTERM ends it", async (t) => {
  const receiver = await startReceiver();
  t.teardown(async () => receiver.close());
  const code = `
    const { startExport } = await import(${JSON.stringify(moduleUrl("telemetry/register.js"))});
    const { span } = await import(${JSON.stringify(moduleUrl("telemetry/spans.js"))});
    await startExport("0");
    await span("job.run", {}, async () => undefined);
    setInterval(() => undefined, 1000);
    process.kill(process.pid, "SIGTERM");
  `;
  const ended = await runCode(code, environmentOf(receiver));

  t.equal(ended, "SIGTERM");
  t.same(
    receiver.spans.map(({ name }) => name),
    ["job.run"],
  );
});

void t.test("without the switch nothing of the SDK is loaded; a word that is none is refused", async (t) => {
  const folder = t.testdir({ off: {}, on: {} });

  const receiver = await startReceiver();
  await cowriedb(["version"], { env: { NODE_V8_COVERAGE: join(folder, "off"), COWRIEDB_OTEL: "" } });
  await cowriedb(["version"], {
    env: { ...environmentOf(receiver), NODE_V8_COVERAGE: join(folder, "on") },
  });
  const refused = await cowriedb(["version"], { env: { COWRIEDB_OTEL: "jaeger" } });
  await receiver.close();

  const sdk = /@opentelemetry\/(sdk|otlp|exporter|resources)/;
  t.notMatch(loadedFiles(join(folder, "off")), sdk);
  t.match(loadedFiles(join(folder, "on")), sdk, "the look at what is loaded finds it");
  t.equal(refused.code, 64);
  t.match(refused.stderr, /COWRIEDB_OTEL must be otlp/);
});

void t.test("jobs, their batches, rows and drift arrive as telemetry.md says", async (t) => {
  const receiver = await startReceiver();
  t.teardown(async () => receiver.close());
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.url;
  const end = await startExport("0.0.0", { COWRIEDB_OTEL: "otlp" });
  const job = { kind: "rebuild_summaries", id: 7, dialect: "sqlite" } as const;

  await jobRun(job, async () => {
    for (const rows of [500, 120]) await jobBatch(job, async () => Promise.resolve({ rows }));
    await jobBatch(job, async () => Promise.reject(new RangeError("a value"))).catch(() => undefined);
    countDrift("sqlite", { missing: 2, differs: 3, extra: 0 });
  });
  await end();

  const batches = receiver.spans.filter(({ name }) => name === "job.batch");
  t.same(
    batches.map(({ attributes }) => attributes["cowriedb.batch.rows"]),
    [500, 120, undefined],
  );
  t.equal(batches[2]?.attributes["error.type"], "RangeError");
  for (const span of batches) t.same(lineage(receiver, span), ["job.batch", "job.run"]);
  t.same(sumsOf(receiver, "cowriedb.job.rows", "cowriedb.job.kind"), { rebuild_summaries: 620 });
  t.same(sumsOf(receiver, "cowriedb.drift.findings", "cowriedb.drift.class"), { missing: 2, differs: 3 });
  t.equal(sumOf(receiver, "cowriedb.batch.duration"), 2);
  const text = readFileSync(join(packageFolder, "runbooks/reference/telemetry.md"), "utf8");
  for (const { name } of receiver.spans) t.ok(text.includes(`| \`${name}\``), name);
  for (const { metric } of receiver.points) t.ok(text.includes(`| \`${metric}\``), metric);
});

function environmentOf({ url }: OtlpReceiver): NodeJS.ProcessEnv {
  return {
    COWRIEDB_OTEL: "otlp",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: "x-token=abc",
    OTEL_SERVICE_NAME: "harbour",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  };
}

/** What a folder lists; undefined while nothing is there. */
function listIn(folder: string): StatusList | undefined {
  if (!existsSync(join(folder, "status.json"))) return undefined;
  return JSON.parse(readFileSync(join(folder, "status.json"), "utf8")) as StatusList;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(50);
}

/** The sums of a metric by one of its attributes; 0 for what the batches of a store have and the metric has not. */
function sumsOf({ points }: OtlpReceiver, metric: string, attribute: string): Record<string, number> {
  const sums: Record<string, number> =
    attribute === "cowriedb.outcome" ? { accepted: 0, duplicate: 0, rejected: 0, skipped: 0 } : {};
  for (const point of points.filter((each) => each.metric === metric)) {
    const name = String(point.attributes[attribute]);
    sums[name] = (sums[name] ?? 0) + point.value;
  }
  return sums;
}

function sumOf({ points }: OtlpReceiver, metric: string): number {
  return points.filter((each) => each.metric === metric).reduce((sum, { value }) => sum + value, 0);
}

/** The names of a span and of those above it. */
function lineage({ spans }: OtlpReceiver, span: ReceivedSpan): string[] {
  const above = spans.find(({ id, trace }) => id === span.parent && trace === span.trace);
  return [span.name, ...(above === undefined ? [] : lineage({ spans } as OtlpReceiver, above))];
}

/** The files that a program under coverage had loaded. */
function loadedFiles(folder: string): string {
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url))
    .join("\n");
}
