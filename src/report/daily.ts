import type { Database } from "../db/database.ts";
import { CowriedbError } from "../errors.ts";
import {
  reportBySensor,
  reportLastDay,
  reportSessionsByHour,
  reportTopCommands,
  reportTopCredentials,
  reportTopFiles,
  reportTotals,
} from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";

/** Counts of a period, in all or of one sensor. */
export interface PeriodCounts {
  sessions: number;
  addresses: number;
  login_attempts: number;
  login_successes: number;
  commands: number;
  downloads: number;
  uploads: number;
}

/** What happened on one day (UTC). */
export interface DailyReport {
  day: string;
  totals: PeriodCounts & { key_injections: number };
  by_sensor: (PeriodCounts & { sensor: string })[];
  sessions_by_hour: number[];
  top_credentials: {
    username: string | null;
    password: string | null;
    attempts: number;
    successes: number;
  }[];
  top_commands: { command: string; occurrences: number; sessions: number }[];
  top_files: { shasum: string; url: string | null; occurrences: number; sessions: number }[];
}

/**
 * The report of a day as YYYY-MM-DD, or of the newest day in the store. Throws `report.no_events` where the store is
 * empty and `report.bad_day` where the day is none.
 */
export async function dailyReport(database: Database, day: string, limit: number): Promise<DailyReport> {
  const wanted = day === "" ? await lastDay(database) : day;
  const start = new Date(`${wanted}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(wanted) ||
    Number.isNaN(start.getTime()) ||
    start.toISOString().slice(0, 10) !== wanted
  ) {
    throw new CowriedbError("report.bad_day", `${JSON.stringify(wanted)} is no day.`, {
      hint: "Write it as YYYY-MM-DD, for example --day 2026-01-31.",
      exitCode: 64,
    });
  }
  const period = {
    period_start: instant(start),
    period_end: instant(new Date(start.getTime() + 86_400_000)),
  };
  const totals = await one(database, reportTotals, period);
  const hours = new Array<number>(24).fill(0);
  for (const row of await many(database, reportSessionsByHour, period)) {
    hours[Number(String(row.hour).slice(11, 13))] = Number(row.sessions);
  }
  const limited = { ...period, row_limit: limit };
  return {
    day: wanted,
    totals: numbers(totals) as never,
    by_sensor: (await many(database, reportBySensor, period)).map((row) => numbers(row)) as never,
    sessions_by_hour: hours,
    top_credentials: (await many(database, reportTopCredentials, limited)).map((row) =>
      numbers(row),
    ) as never,
    top_commands: (await many(database, reportTopCommands, limited)).map((row) => numbers(row)) as never,
    top_files: (await many(database, reportTopFiles, limited)).map((row) => numbers(row)) as never,
  };
}

async function lastDay(database: Database): Promise<string> {
  const { day } = await one(database, reportLastDay, {});
  if (day === null) {
    throw new CowriedbError("report.no_events", `${database.name} holds no events yet.`, {
      hint: "Run: cowriedb ingest bulk PATH…",
    });
  }
  return String(day);
}

function instant(time: Date): string {
  return time.toISOString().replace(/\.(\d{3})Z$/, ".$1000Z");
}

/** Sums come from PostgreSQL as text of a numeric; every column that is no text column is a count. */
function numbers(row: Record<string, unknown>): Record<string, unknown> {
  const texts = new Set(["sensor", "username", "password", "command", "shasum", "url"]);
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, texts.has(name) ? value : Number(value)]),
  );
}
