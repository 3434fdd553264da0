import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { targetOf } from "../config.ts";
import { exitCodes, type ExitCode } from "../errors.ts";
import { forecastBack } from "../hydrate/forecast/back.ts";
import { forecast } from "../hydrate/forecast/forecast.ts";
import type { Forecast, ForecastOptions } from "../hydrate/forecast/told.ts";
import { roomFor, withUntouched } from "../hydrate/forecast/untouched.ts";
import { assertCurrent, migrateUp, schemaStatus } from "../migrate/migrate.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { jobProgress } from "../telemetry/progress.ts";
import { counted, green, readableBytes, table, visible, yellow } from "../term.ts";
import type { HydrateCommandOptions } from "./hydrate-stores.ts";
import { answer } from "./output.ts";
import { reported } from "./reported.ts";
import { stopOnSignals } from "./signals.ts";
import { withAnyStore, type StoreDatabase } from "./store.ts";

/** `cowriedb hydrate --dry-run`: what a copy would do and keep out; both stores are read, and neither is changed. */
export async function planHydration(options: HydrateCommandOptions): Promise<ExitCode> {
  const [from, to] = [
    targetOf(options.from, process.env, "--from"),
    targetOf(options.to, process.env, "--to"),
  ];
  const stop = stopOnSignals();
  const first: JobStatus = { state: "running", phase: "reading", unit: "part", current: 0, total: null };
  const codeOf = (found: Forecast): ExitCode =>
    found.interrupted ? stop.exitCode : found.rejects.length > 0 ? exitCodes.unproved : exitCodes.done;
  const run = { kind: "hydrate", id: randomUUID(), first, stop };
  const found = await reported({ ...options, db: options.to }, run, async (note) => {
    const progress = jobProgress("Reading", options.quiet, first);
    const onProgress = (status: JobStatus): void => {
      progress.show(status);
      note(status);
    };
    const how = { stop, onProgress, lost: options.confirm };
    const planned =
      from.dialect === "sqlite"
        ? planForth(options, from.path, how)
        : planBack(options, to.dialect === "sqlite" ? to.path : "", how);
    const result = await planned.finally(progress.end);
    return { result, counts: countsOf(result), exitCode: codeOf(result) };
  }).finally(stop.release);
  answer(options, { plan: found }, () => planText(found));
  return codeOf(found);
}

type How = Omit<ForecastOptions, "isNew">;

async function planForth(options: HydrateCommandOptions, path: string, how: How): Promise<Forecast> {
  return withAnyStore({ ...options, db: options.to }, { word: "--to" }, async ({ database: target }) => {
    if (target.dialect !== "postgres") throw new TypeError("a target of PostgreSQL");
    const isNew = (await schemaStatus(target)).schema_version === null;
    if (!isNew) await assertCurrent(target);
    return withUntouched(path, async (source) => {
      await assertCurrent(source);
      return forecast(source, target, { ...how, isNew });
    });
  });
}

async function planBack(options: HydrateCommandOptions, path: string, how: How): Promise<Forecast> {
  return withAnyStore({ ...options, db: options.from }, { word: "--from" }, async ({ database: source }) => {
    if (source.dialect !== "postgres") throw new TypeError("a source of PostgreSQL");
    await assertCurrent(source);
    const diskFree = roomFor(path);
    return withEmptyStore(options, async (empty) => {
      const planNew = async (): Promise<Forecast> =>
        forecastBack(
          source,
          { ...empty, name: visible(path), path },
          { ...how, isNew: true, empty, diskFree },
        );
      if (!existsSync(path)) return planNew();
      return withUntouched(path, async (target) => {
        if ((await schemaStatus(target)).schema_version === null) return planNew();
        await assertCurrent(target);
        return forecastBack(source, target, { ...how, isNew: false, empty, diskFree });
      });
    });
  });
}

type FileStore = Extract<StoreDatabase, { dialect: "sqlite" }>;

/** A store as a new file would be one, which is in memory alone. */
async function withEmptyStore<T>(
  options: HydrateCommandOptions,
  work: (empty: FileStore) => Promise<T>,
): Promise<T> {
  return withAnyStore(
    { ...options, db: "sqlite::memory:" },
    { create: true },
    async ({ database, changes }) => {
      if (database.dialect !== "sqlite") throw new TypeError("a store of SQLite");
      await migrateUp(database, changes);
      return work(database);
    },
  );
}

/** All tables together. */
type Sums = Omit<Forecast["tables"][number], "table_name" | "bytes">;

function sumsOf({ tables }: Forecast): Sums {
  const sum = (of: (one: Forecast["tables"][number]) => number): number =>
    tables.reduce((total, one) => total + of(one), 0);
  return {
    rows: sum((one) => one.rows),
    rows_to_copy: sum((one) => one.rows_to_copy),
    bytes_to_copy: sum((one) => one.bytes_to_copy),
    chunks: sum((one) => one.chunks),
    chunks_to_copy: sum((one) => one.chunks_to_copy),
    rejects: sum((one) => one.rejects),
    table_bytes: sum((one) => one.table_bytes),
    index_bytes: sum((one) => one.index_bytes),
  };
}

function countsOf(found: Forecast): Record<string, number> {
  const { rows_to_copy, bytes_to_copy, chunks_to_copy, rejects } = sumsOf(found);
  return { rows_to_copy, bytes_to_copy, chunks_to_copy, rejects };
}

/** Parts of a table that people want to see: those with rows. */
function tableLines({ tables }: Forecast): string {
  return table(
    tables
      .filter(({ rows }) => rows > 0)
      .map((one) => [
        one.table_name,
        one.rows,
        one.rows_to_copy,
        readableBytes(one.bytes_to_copy),
        `${one.chunks_to_copy} of ${one.chunks}`,
        one.rejects,
        readableBytes(one.table_bytes),
        readableBytes(one.index_bytes),
      ]),
    ["table", "rows", "to copy", "bytes", "parts", "kept out", "on disk", "indexes"],
  );
}

function columnLines({ columns }: Forecast): string {
  const kinds = new Map<string, string[]>();
  for (const { source_type, target_type, conversion } of columns) {
    const place = `${source_type} ${target_type}`;
    const count = Number(kinds.get(place)?.[2] ?? 0) + 1;
    kinds.set(place, [source_type, target_type, String(count), conversion]);
  }
  return table([...kinds.values()], ["here", "there", "columns", "what becomes of a value"]);
}

function planText(found: Forecast): string {
  const { rows_to_copy, bytes_to_copy, chunks_to_copy, rejects, table_bytes, index_bytes } = sumsOf(found);
  if (found.interrupted) return `${yellow("…")} Stopped by a signal; nothing was changed.`;
  const { load, index, verify, total, from } = found.seconds;
  const [one, two, three, all] = [load, index, verify, total].map((seconds) => `${Math.ceil(seconds)} s`);
  const lines = [
    `${green("✔")} ${counted(rows_to_copy, "row")} of ${counted(found.tables.length, "table")} would be copied from ${found.source} to ${found.target}${found.is_new ? ", which would be made a store" : ""}: ${readableBytes(bytes_to_copy)} in ${counted(chunks_to_copy, "part")}. Nothing was changed.`,
    tableLines(found),
    columnLines(found),
    `Disk: about ${readableBytes(table_bytes + index_bytes)} in the end (within a third), ${readableBytes(index_bytes)} of it indexes${found.disk_free === null ? "" : `; ${readableBytes(found.disk_free)} are free there`}.`,
    `Time: about ${all}: ${one} to load, ${two} to build indexes, ${three} to compare. An estimate from ${from}.`,
  ];
  if (rejects > 0)
    lines.push(
      `${yellow("Would be kept out")}, since ${found.disk_free === null ? "PostgreSQL" : "SQLite"} cannot hold them as they are:`,
      table(
        found.rejects.map(({ table_name, column_name, reason, row_count }) => [
          table_name,
          column_name,
          reason,
          row_count,
        ]),
        ["table", "column", "reason", "rows"],
      ),
      ...found.first_rejects
        .slice(0, mostShown)
        .map(({ table_name, row_key, reason }) => `${table_name} ${visible(row_key)}: ${reason}`),
    );
  if (!found.rejects_complete)
    lines.push(
      "There may be more: so many rows are kept out that not all that refers to them was looked for.",
    );
  return lines.join("\n");
}

const mostShown = 20;
