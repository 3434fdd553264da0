import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import postgres from "postgres";
import { startServer } from "../src/dev/server.ts";

/** PostgreSQL's default durability, and memory as an operator gives it. */
const durable = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "1GB",
  max_wal_size: "8GB",
};

/** What a benchmark on PostgreSQL is asked to run on. */
export interface ServerWords {
  /** Of a server of yours. */
  url: string | undefined;
  /** The folder of the binaries of one to start. */
  binaries: string | undefined;
  /** The other words. */
  rest: string[];
}

/** Sorts out which words name a server. */
export function serverWords(words: readonly string[]): ServerWords {
  const url = words.find((word) => /^postgres(ql)?:/.test(word));
  const binaries = words.find((word) => statSync(word, { throwIfNoEntry: false })?.isDirectory() === true);
  return { url, binaries, rest: words.filter((word) => word !== url && word !== binaries) };
}

/** Runs `work` with the URL of the server that is named, or of one that lives as long as `work`. */
export async function onServer<T>(
  { url, binaries }: ServerWords,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (url !== undefined) return work(url);
  const server = await startServer({
    settings: durable,
    folder: tmpdir(),
    ...(binaries === undefined ? {} : { binaries }),
  });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
  }
}

/** Runs `work` on a database of its own, empty or a copy of another that nobody is connected to, and drops it. */
export async function inDatabase<T>(
  url: string,
  part: string,
  work: (at: string) => Promise<T>,
  copied?: string,
): Promise<T> {
  const name = `cowriedb_bench_${part}_${process.pid}`;
  const at = new URL(url);
  at.pathname = `/${name}`;
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const template = copied === undefined ? "template0" : new URL(copied).pathname.slice(1);
    await sql.unsafe(`create database ${name} encoding 'UTF8' template ${template}`);
    await sql`checkpoint`;
    try {
      return await work(at.href);
    } finally {
      await sql.unsafe(`drop database if exists ${name} with (force)`);
      // The writes of one part are not the other's burden.
      await sql`checkpoint`;
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
}
