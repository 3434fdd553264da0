import { availableParallelism } from "node:os";
import type { Database } from "../db/database.ts";
import { readPragmas } from "../db/pragmas.ts";
import type { Sqlite } from "../db/sqlite.ts";
import { buildSettings, type ServerSettings } from "../db/writing.ts";
import { hydrateIsBeside, hydrateSettingRules, hydrateSettingsNow } from "../sql/generated.ts";
import { many, one } from "../sql/run.ts";

/** A setting of a SQLite store, what comes nearest to it in PostgreSQL, how that stands, and what there is to know. */
export interface SettingMeaning {
  pragma: string;
  value: string;
  setting: string;
  /** Null where PostgreSQL has no such setting. */
  there: string | null;
  meaning: string;
}

/** A setting that a copy changes for transactions of its own: with them it ends, however they end. */
interface ChangedSetting {
  setting: string;
  before: string | null;
  during: string;
}

/** The settings of a store, and what they mean in another one. */
export async function settingsOf(source: Sqlite, target: Database): Promise<SettingMeaning[]> {
  const rules = await many(source, hydrateSettingRules, {});
  const now = await valuesOf(
    target,
    rules.map(({ setting }) => setting).filter((setting) => setting !== ""),
  );
  return readPragmas(source.handle).map(({ pragma, value }) => {
    const rule =
      rules.find((one) => one.pragma === pragma && one.value === value) ??
      rules.find((one) => one.pragma === pragma && one.value === "");
    const setting = rule?.setting ?? "";
    return { pragma, value, setting, there: now.get(setting) ?? null, meaning: rule?.meaning ?? "" };
  });
}

/**
 * What holds where so many connections build indexes at once. Where they are as many as the processors of a server on this machine,
 * each builds without the help of other processes: measured on 2 million events, that help costs a fifth more processor time.
 */
export async function settingsToBuild(target: Database, connections: number): Promise<ServerSettings> {
  if (target.dialect === "sqlite" || connections < availableParallelism()) return buildSettings;
  const { is_beside } = await one(target, hydrateIsBeside, {});
  return is_beside ? [...buildSettings, ["max_parallel_maintenance_workers", "0"]] : buildSettings;
}

/** What a run notes of settings: those of both stores, and what it changes. Those of tables are noted where they are set aside. */
export async function notedSettings(
  source: Sqlite,
  target: Database,
  building: ServerSettings,
): Promise<{ source: SettingMeaning[]; changed: ChangedSetting[] }> {
  const now = await valuesOf(
    target,
    building.map(([setting]) => setting),
  );
  const changed = building.map(([setting, during]) => ({
    setting,
    before: now.get(setting) ?? null,
    during,
  }));
  return { source: await settingsOf(source, target), changed };
}

async function valuesOf(target: Database, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await many(target, hydrateSettingsNow, { names: JSON.stringify([...new Set(names)]) });
  return new Map(rows.map(({ setting, value }) => [setting, value]));
}
