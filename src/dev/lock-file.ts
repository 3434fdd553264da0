import { readFileSync } from "node:fs";
import { packageFolder } from "../migrate/files/files.ts";

/** What package-lock.json says of one place in node_modules. */
interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** The entries of a lock file by their path; the package itself is at the empty one. */
export type LockedPackages = Record<string, LockedPackage>;

/**
 * What is missing in package-lock.json, one line a problem. Trap: npm writes a lock without the optional packages of
 * other platforms when node_modules was there before, says nothing, and `npm ci` refuses that lock on those platforms.
 */
export function lockFileProblems(): string[] {
  const lock = JSON.parse(readFileSync(`${packageFolder}package-lock.json`, "utf8")) as {
    packages: LockedPackages;
  };
  return missingPackages(lock.packages);
}

/** Every package that a locked one names and that has no entry, or one of another version than the one it pins. */
export function missingPackages(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([path, locked]) =>
    Object.entries({
      ...locked.dependencies,
      ...locked.devDependencies,
      ...locked.optionalDependencies,
    }).flatMap(([name, wanted]) => {
      const entry = resolved(packages, path, name);
      const from = path === "" ? "package.json" : path;
      if (entry === undefined) return [`${name} ${wanted}, which ${from} names, is not in package-lock.json`];
      if (!/^\d+\.\d+\.\d+[-+.\w]*$/.test(wanted) || entry.version === wanted) return [];
      return [`${name} is locked at ${entry.version ?? "no version"}, but ${from} wants ${wanted}`];
    }),
  );
}

/** The entry that a package at `path` gets when it asks for `name`: the nearest one, as Node looks for it. */
function resolved(packages: LockedPackages, path: string, name: string): LockedPackage | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1))) {
    const entry = packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`];
    if (entry !== undefined || at === "") return entry;
  }
}
