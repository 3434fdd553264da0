import { dailyReport, type DailyReport } from "../report/daily.ts";
import { bold, counted, cut, grouped, table, visible } from "../term.ts";
import { wholeNumber } from "./options.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

/** `cowriedb report daily`: what happened on one day. */
export async function daily(options: CommonOptions & { day: string; limit: string }): Promise<void> {
  const limit = wholeNumber("--limit", options.limit, 10, 10_000);
  await withStore(options, async (database) => {
    const report = await dailyReport(database, options.day, limit);
    answer(options, report, () => dailyText(report));
  });
}

/** A daily report for people. */
export function dailyText(report: DailyReport): string {
  const { totals, sessions_by_hour: hours } = report;
  const parts = [
    `${bold(`Honeypot report of ${report.day}`)} (UTC)`,
    sensorTable(report),
    `sessions by hour  ${plot(hours)}\n                  00    06    12    18   (most: ${grouped(Math.max(...hours))} an hour)`,
  ];
  if (totals.key_injections > 0)
    parts.push(`${counted(totals.key_injections, "command")} wrote a public key to an authorized_keys file.`);
  if (report.top_credentials.length > 0) parts.push(credentialTable(report));
  if (report.top_commands.length > 0) parts.push(commandTable(report));
  if (report.top_files.length > 0) parts.push(fileTable(report));
  return parts.join("\n\n");
}

function sensorTable({ by_sensor, totals }: DailyReport): string {
  const counts = (row: DailyReport["totals"] | DailyReport["by_sensor"][number]): number[] => [
    row.sessions,
    row.addresses,
    row.login_attempts,
    row.login_successes,
    row.commands,
    row.downloads,
    row.uploads,
  ];
  return table(
    [...by_sensor.map((row) => [shown(row.sensor, 24), ...counts(row)]), ["all sensors", ...counts(totals)]],
    ["sensor", "sessions", "addresses", "logins tried", "let in", "commands", "downloads", "uploads"],
  );
}

function credentialTable({ top_credentials }: DailyReport): string {
  return table(
    top_credentials.map((row) => [
      shown(row.username, 24),
      shown(row.password, 24),
      row.attempts,
      row.successes,
    ]),
    ["user name", "password", "tried", "let in"],
  );
}

function commandTable({ top_commands }: DailyReport): string {
  return table(
    top_commands.map((row) => [row.occurrences, row.sessions, shown(row.command, 70)]),
    ["times", "sessions", "command"],
  );
}

function fileTable({ top_files }: DailyReport): string {
  return table(
    top_files.map((row) => [
      row.occurrences,
      row.sessions,
      shown(row.shasum, 20),
      shown(defanged(row.url), 44),
    ]),
    ["times", "sessions", "SHA-256", "from"],
  );
}

function shown(text: string | null, width: number): string {
  return text === null ? "–" : cut(visible(text), width);
}

/** A row of bars, one a value, eight heights. */
export function plot(values: readonly number[]): string {
  const most = Math.max(1, ...values);
  return values
    .map((value) => (value === 0 ? "·" : "▁▂▃▄▅▆▇█".charAt(Math.min(7, Math.floor((value / most) * 7.999)))))
    .join("");
}

/** An address that no program makes a link of. */
function defanged(url: string | null): string | null {
  return url === null ? null : url.replace(/^(h)tt(ps?:)/i, "$1xx$2").replaceAll(".", "[.]");
}
