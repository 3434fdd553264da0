import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A log of a real sensor, in a folder beside the repository that not everybody has. */
export interface RealLog {
  path: string;
  /** Who published it. */
  source: string;
  bytes: number;
}

/** The real logs in the order of their names; none where the folder is absent. */
export function realLogs(): RealLog[] {
  const folder = dataFolder();
  const manifest = join(folder, "MANIFEST.tsv");
  if (!existsSync(manifest)) return [];
  const [, ...rows] = readFileSync(manifest, "utf8").trimEnd().split("\n");
  return rows
    .map((row) => {
      const [file = "", , , bytes = "0"] = row.split("\t");
      return { path: join(folder, file), source: file.split("/")[1] ?? "", bytes: Number(bytes) };
    })
    .filter(({ path }) => existsSync(path))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Logs of at most so many bytes in all, one of each source in turn, the smaller ones first. */
export function spread(logs: readonly RealLog[], mostBytes: number): RealLog[] {
  const bySource = new Map<string, RealLog[]>();
  for (const log of logs) bySource.set(log.source, [...(bySource.get(log.source) ?? []), log]);
  const queues = [...bySource.values()].map((list) => list.sort((left, right) => left.bytes - right.bytes));
  const chosen: RealLog[] = [];
  let left = mostBytes;
  while (queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      const log = queue.shift();
      if (log === undefined || log.bytes > left) continue;
      left -= log.bytes;
      chosen.push(log);
    }
  }
  return chosen;
}

/** `../shared/data` as seen from the folder of package.json. */
function dataFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) folder = dirname(folder);
  return join(folder, "..", "shared", "data");
}
