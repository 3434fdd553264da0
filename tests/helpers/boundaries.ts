import DatabaseHandle from "better-sqlite3";
import pg from "pg";
import { statementsOf } from "../../src/migrate/files/statements.ts";

/** What sends statements, at the moment before one of them. */
export type Sender =
  { dialect: "sqlite"; handle: DatabaseHandle.Database } | { dialect: "postgres"; client: pg.Client };

/** Is called before each statement that a runner of migrations sends, with its number from 1 and its text. */
export type AtBoundary = (number: number, text: string, sender: Sender) => void | Promise<void>;

type Exec = (this: DatabaseHandle.Database, text: string) => DatabaseHandle.Database;
type Run = (this: DatabaseHandle.Statement, ...values: unknown[]) => unknown;
type Ask = (this: pg.Client, ...words: unknown[]) => Promise<unknown>;

/**
 * Has files sent statement by statement, which is what the engines make of them anyway, and calls `at` before each; gives what ends
 * that. Loaded into the program before it starts, it kills it before the statement that COWRIEDB_TEST_KILL_AT names, or behind it
 * where that is negative: then the server is at work when the runner dies.
 */
export function atBoundaries(at: AtBoundary): () => void {
  const ends = [atSqlite(at), atPostgres(at)];
  return () => {
    for (const end of ends) end();
  };
}

function atSqlite(at: AtBoundary): () => void {
  const databases = DatabaseHandle.prototype as unknown as { exec: Exec };
  const probe = new DatabaseHandle(":memory:");
  const statements = Object.getPrototypeOf(probe.prepare("select 1")) as { run: Run };
  probe.close();
  const { exec } = databases;
  const { run } = statements;
  let number = 0;
  databases.exec = function (text) {
    for (const { text: one } of statementsOf(text, "sqlite")) {
      void at(++number, one, { dialect: "sqlite", handle: this });
      exec.call(this, one);
    }
    return this;
  };
  statements.run = function (...values) {
    void at(++number, this.source, { dialect: "sqlite", handle: this.database });
    return run.apply(this, values);
  };
  return () => {
    databases.exec = exec;
    statements.run = run;
  };
}

function atPostgres(at: AtBoundary): () => void {
  const clients = pg.Client.prototype as unknown as { query: Ask };
  const { query } = clients;
  let number = 0;
  clients.query = async function (...words) {
    const [asked, ...rest] = words;
    const text = typeof asked === "string" ? asked : ((asked as { text?: string }).text ?? "");
    const parts = rest.length === 0 && typeof asked === "string" ? statementsOf(text, "postgres") : [];
    const texts = parts.length > 1 ? parts.map((part) => part.text) : [text];
    const results: unknown[] = [];
    for (const one of texts) {
      await at(++number, one, { dialect: "postgres", client: this });
      results.push(await (query.apply(this, parts.length > 1 ? [one] : words) as Promise<unknown>));
    }
    return results.length === 1 ? results[0] : results;
  };
  return () => {
    clients.query = query;
  };
}

const killAt = Number(process.env["COWRIEDB_TEST_KILL_AT"] ?? "0");
if (killAt !== 0) {
  atBoundaries((number) => {
    if (number === killAt) process.kill(process.pid, "SIGKILL");
    // What was sent is on its way; nobody waits for the answer.
    if (number === -killAt) setImmediate(() => process.kill(process.pid, "SIGKILL"));
  });
}
