import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { callHooks, type HookEvent } from "../../src/telemetry/hooks.ts";
import { runHook } from "../../src/telemetry/hook-program.ts";
import { cowriedb, type Outcome } from "../helpers/cli.ts";
import { engines, freshStore } from "../helpers/database.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";

const event: HookEvent = {
  event: "drift.found",
  kind: "reconcile",
  job_id: 7,
  state: "done",
  counts: { missing: 2 },
  exit_code: 20,
  database: "postgres://cowrie:hidden@db.example.org/cowrie?password=hidden",
};

void t.test("a URL gets the document that is documented, and its password as a header", async (t) => {
  const { url, got, close } = await startWeb((_, response) => void response.writeHead(204).end());
  t.teardown(close);

  const outcomes = await callHooks(`\n  ${url.replace("//", "//me:a%3Ab@")}/secret \n`, event);

  t.match(outcomes, [{ hook: `${url}/…`, event: "drift.found", code: null, detail: "" }]);
  t.equal(got.length, 1);
  const [{ path, headers, body } = { path: "", headers: {} as IncomingHttpHeaders, body: "" }] = got;
  t.equal(path, "/secret");
  t.match(headers, {
    "content-type": "application/json",
    authorization: `Basic ${Buffer.from("me:a:b").toString("base64")}`,
  });
  const document = JSON.parse(body) as Record<string, unknown>;
  t.match(document, { ...event, schema: "hook/1", error: null, database: /^postgres:\/\/cowrie:\*\*\*@/ });
  t.notMatch(body, /hidden/);
  const text = readFileSync(join(packageFolder, "runbooks/reference/hooks.md"), "utf8");
  const [, rest = ""] = text.split("## The document");
  const fields = [...rest.matchAll(/^\| `(\w+)` +\|/gm)].map(([, field = ""]) => field);
  t.same(Object.keys(document).sort(), fields.sort());
});

void t.test(
  "an answer that is no success, a redirection and a dead address are told by their codes",
  async (t) => {
    const { url, got, close } = await startWeb((request, response) => {
      if (request.url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
      else response.writeHead(500).end("x".repeat(100_000));
    });
    t.teardown(close);

    const outcomes = await callHooks(`${url}/moved\n${url}/broken\nhttp://127.0.0.1:1/`, event);

    t.match(outcomes, [
      { code: "hook.refused", detail: /302/ },
      { code: "hook.refused", detail: /500/ },
      { code: "hook.failed", detail: /ECONNREFUSED|bad port/ },
    ]);
    t.same(new Set(got.map(({ path }) => path)), new Set(["/broken", "/moved"]));
    t.equal(got.length, 2);
  },
);

void t.test("a receiver that never answers is given up", async (t) => {
  const { url, close } = await startWeb(() => undefined);
  t.teardown(close);

  t.match(await callHooks(url, event), [{ code: "hook.timeout" }]);
});

void t.test("a program gets its words as they stand, the document, and no shell", async (t) => {
  const folder = t.testdir();
  const path = script(
    folder,
    "tell",
    `printf '%s|' "$@" "$COWRIEDB_EVENT" "$COWRIEDB_HOOK" > "$0.said"; cat > "$0.got"`,
  );
  process.env["COWRIEDB_HOOK"] = "not for the child";
  t.teardown(() => delete process.env["COWRIEDB_HOOK"]);

  const outcomes = await callHooks(`${path}  $(touch ${folder}/harm)   ; *`, event);

  t.match(outcomes, [{ hook: path, code: null }]);
  t.equal(readFileSync(`${path}.said`, "utf8"), `$(touch|${folder}/harm)|;|*|drift.found||`);
  t.match(JSON.parse(readFileSync(`${path}.got`, "utf8")), { schema: "hook/1", counts: { missing: 2 } });
  t.notOk(existsSync(join(folder, "harm")));
});

void t.test("a program that fails, dies, is not there or does not listen is told apart", async (t) => {
  const folder = t.testdir();
  const failing = script(folder, "failing", `printf 'why \\033[2J' >&2; exit 3`);
  const dying = script(folder, "dying", "kill -TERM $$");
  const deaf = script(folder, "deaf", "exec 0<&-; exit 0");
  const big = {
    ...event,
    counts: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`c${n}`, n])),
  };

  t.match(await callHooks(failing, event), [
    { code: "hook.failed", detail: "it ended with 3: why \\x1b[2J." },
  ]);
  t.match(await callHooks(dying, event), [{ code: "hook.failed", detail: /SIGTERM/ }]);
  t.match(await callHooks(join(folder, "none"), event), [{ code: "hook.failed", detail: /ENOENT/ }]);
  t.match(await callHooks(deaf, big), [{ code: null }]);
});

void t.test("a program that takes too long is killed with whatever it has started", async (t) => {
  const folder = t.testdir();
  const slow = script(folder, "slow", `(sleep 2; touch "$0.late") & echo $! > "$0.child"; sleep 60`);

  const failure = await runHook([slow], "job.failed", "{}", 1_000);
  await sleep(2_500);

  t.match(failure, { code: "hook.timeout" });
  t.ok(existsSync(`${slow}.child`), "it had started");
  t.notOk(existsSync(`${slow}.late`), "its child was killed too");
});

void t.test("what a program leaves behind does not hold up the run", async (t) => {
  const folder = t.testdir();
  const leaving = script(folder, "leaving", `sleep 60 & echo $! > "$0.child"; exit 0`);

  const failure = await runHook([leaving], "job.failed", "{}");

  const child = Number(readFileSync(`${leaving}.child`, "utf8"));
  t.equal(failure, undefined);
  t.equal(process.kill(child, 0), true, "its child is still there");
  process.kill(child, "SIGKILL");
});

for (const engine of engines()) {
  void t.test(
    `${engine.name}: a load tells of its start, its end and its failure; delta of failures alone`,
    async (t) => {
      const store = await freshStore(engine);
      t.teardown(store.dispose);
      const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)) });
      const hook = script(folder, "tell", `cat >> "$0.got"`);
      const log = join(folder, "cowrie.json");
      const told = (): Record<string, unknown>[] => {
        const lines = readFileSync(`${hook}.got`, "utf8").trim().split("\n");
        writeFileSync(`${hook}.got`, "");
        return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>);
      };
      const run = async (...words: string[]): Promise<Outcome> =>
        cowriedb(["ingest", ...words, "--db", store.db, "--json"], { env: { COWRIEDB_HOOK: hook } });

      const bulk = await run("bulk", log);
      const ofBulk = told();
      await run("delta", log);
      const ofDelta = told();
      await run("delta", join(folder, "missing"));
      const ofFailedDelta = told();
      const failed = await run("bulk", join(folder, "missing"));
      const ofFailed = told();

      const { run_id: runId } = JSON.parse(bulk.stdout) as { run_id: string };
      t.match(ofBulk, [
        { event: "job.started", kind: "ingest_bulk", job_id: runId, state: "running", exit_code: null },
        { event: "job.finished", job_id: runId, state: "done", exit_code: 0, counts: { events_accepted: 5 } },
      ]);
      t.same(ofDelta, []);
      t.match(ofFailedDelta, [{ event: "job.failed", kind: "ingest_delta" }]);
      t.match(ofFailed, [
        { event: "job.started" },
        { event: "job.failed", state: "failed", exit_code: 1, error: { code: "ingest.not_found" } },
      ]);
      t.equal(failed.code, 1);
    },
  );
}

void t.test(
  "a hook that fails changes neither answer nor exit code; one that is none is refused at once",
  async (t) => {
    const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
    t.teardown(store.dispose);
    const folder = t.testdir({ "cowrie.json": sessionLines(sessionId(1)) });
    const words = ["ingest", "bulk", join(folder, "cowrie.json"), "--db", store.db, "--json"];

    const refused = await cowriedb([...words, "--hook", "notify"]);
    const warned = await cowriedb([...words, "--hook", "http://127.0.0.1:1/secret-path"]);

    t.equal(refused.code, 64);
    t.equal(warned.code, 0);
    t.match(JSON.parse(warned.stdout), { events_accepted: 5 });
    t.match(
      warned.stderr,
      /^(Warning hook\.failed: the hook http:\/\/127\.0\.0\.1:1\/… was not told of [^\n]*\n){2}$/,
    );
    t.notMatch(warned.stderr, /secret-path/);
  },
);

/** A receiver of HTTP; `got` are the requests, with their bodies. */
async function startWeb(answer: RequestListener): Promise<{
  url: string;
  got: { path: string; headers: IncomingHttpHeaders; body: string }[];
  close(): void;
}> {
  const got: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      got.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8"),
      });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function script(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  writeFileSync(`${path}.got`, "");
  return path;
}
