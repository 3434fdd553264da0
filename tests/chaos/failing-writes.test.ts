import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { contentsOf, differing } from "../helpers/contents.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";
import { faultyRun, madeUpLogs, wholeBatches, type Fault } from "../helpers/faults.ts";

const [sqlite = { name: "SQLite", dialect: "sqlite" as const }] = engines();
const files = madeUpLogs(2, Math.max(600, scaled(3_000)));
const folder = mkdtempSync(join(tmpdir(), "cowriedb-failing-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true, force: true });
});

/** Fails calls at random with EIO or ENOSPC by turns, the same ones for the same seed. */
const shim = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
static unsigned long state, turns;
static double share(const char *name) { const char *text = getenv(name); return text ? atof(text) : 0; }
static int fails(const char *name) {
  double wanted = share(name);
  if (wanted <= 0) return 0;
  if (state == 0) state = strtoul(getenv("FAULT_SEED"), 0, 10) + 1;
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  if ((double)(state >> 11) / 9007199254740992.0 >= wanted) return 0;
  errno = turns++ % 2 ? ENOSPC : EIO;
  return 1;
}
#define WRITE(name) ssize_t name(int fd, const void *from, size_t size, off_t at) { \\
  static ssize_t (*real)(int, const void *, size_t, off_t); \\
  if (!real) real = dlsym(RTLD_NEXT, #name); \\
  return fails("FAULT_WRITES") ? -1 : real(fd, from, size, at); }
#define SYNC(name) int name(int fd) { \\
  static int (*real)(int); \\
  if (!real) real = dlsym(RTLD_NEXT, #name); \\
  return fails("FAULT_SYNCS") ? -1 : real(fd); }
WRITE(pwrite) WRITE(pwrite64) SYNC(fsync) SYNC(fdatasync)
`;

interface Shares {
  writes: number;
  syncs: number;
}

/** What makes writes fail, and how a run is put under it. */
interface Tool {
  name: string;
  fault(shares: Shares, seed: number): Fault;
}

function toolsHere(): Tool[] {
  const tools: Tool[] = [];
  if (spawnSync("fiu-run", ["-h"], { stdio: "ignore" }).error === undefined) {
    const enabled = (share: number, names: string[]): string[] =>
      names.flatMap((name) => ["-c", `enable_random name=posix/io/${name},probability=${share}`]);
    tools.push({
      name: "fiu-run",
      fault: ({ writes, syncs }) => ({
        through: [
          "fiu-run",
          "-x",
          ...enabled(writes, ["rw/pwrite"]),
          ...enabled(syncs, ["sync/fsync", "sync/fdatasync"]),
        ],
      }),
    });
  }
  const source = join(folder, "shim.c");
  const library = join(folder, "shim.so");
  writeFileSync(source, shim);
  const built = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  if (built.status === 0) {
    tools.push({
      name: "a library before libc",
      fault: ({ writes, syncs }, seed) => ({
        env: {
          LD_PRELOAD: library,
          FAULT_WRITES: String(writes),
          FAULT_SYNCS: String(syncs),
          FAULT_SEED: String(seed),
        },
      }),
    });
  }
  return tools;
}

const tools = toolsHere();
const cases = [
  { what: "1 % of writes and syncs", shares: { writes: 0.01, syncs: 0.01 }, size: "10" },
  { what: "nine syncs of ten", shares: { writes: 0, syncs: 0.9 }, size: "20" },
  { what: "one write in a thousand", shares: { writes: 0.001, syncs: 0.1 }, size: "50" },
];
const whole = await undisturbed();

if (!tools.some(({ name }) => name === "fiu-run")) t.comment("There is no fiu-run here.");
if (tools.length === 0) {
  t.comment("There is no C compiler either: a limit on the size of files lets writes fail.");
  tools.push({ name: "a limit", fault: (_shares, seed) => ({ through: limit(seed) }) });
}

function limit(seed: number): string[] {
  return ["sh", "-c", 'ulimit -f "$0" && exec "$@"', String(1_024 + (seed % 64) * 512)];
}

// One tool is enough for every day; they share no code, so at night they check one another.
for (const tool of tools.slice(0, process.env["COWRIEDB_NIGHTLY"] === "1" ? 2 : 1)) {
  for (const { what, shares, size } of cases) {
    await t.test(
      `a load through failing writes is an undisturbed load: ${what}, by ${tool.name}`,
      async (test) => {
        await failingLoad(test, tool, shares, size);
      },
    );
  }
}

async function undisturbed(): Promise<Record<string, string[]>> {
  const store = await freshStore(sqlite);
  try {
    const run = await faultyRun(["ingest", "bulk", ...files, "--db", store.db]);
    if (run.code !== 0) throw new Error(run.stderr);
    return await contentsOf(store.database);
  } finally {
    await store.dispose();
  }
}

async function failingLoad(test: Test, tool: Tool, shares: Shares, size: string): Promise<void> {
  const store = await freshStore(sqlite);
  test.teardown(store.dispose);
  const words = ["ingest", "bulk", ...files, "--db", store.db, "--batch-size", size];
  let [before, failures] = [0, 0];
  for (let seed = 1; seed <= scaled(60); seed++) {
    const run = await faultyRun(words, tool.fault(shares, seed));
    const after = await wholeBatches(test, store.database, `after run ${seed}`);
    test.equal(after - before, run.acknowledged, `run ${seed}: present is what was acknowledged`);
    before = after;
    if (run.code === 0) break;
    failures++;
    test.match(
      run,
      { code: 1, error: { code: /^db\.(io|disk_full|cannot_open)$/, hint: /.+/ } },
      `run ${seed}: ${run.stderr}`,
    );
  }
  test.same(await typed(store.database, "pragma integrity_check"), [{ integrity_check: "ok" }]);
  test.ok(failures > 0, `${failures} runs failed`);

  const last = await faultyRun(words);

  test.equal(last.code, 0, last.stderr);
  test.same(differing(await contentsOf(store.database), whole), []);
}
