import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { packageFolder } from "../migrate/files/files.ts";
import { headerProblems } from "./headers.ts";
import { lockFileProblems } from "./lock-file.ts";

interface Check {
  name: string;
  /** The output of a failure, or undefined. */
  run(): string | undefined;
}

const checks: readonly Check[] = [
  {
    name: "format",
    // A file whose bytes are as they were is not read again; the cache is in node_modules/.cache.
    run: () =>
      tool("prettier", ["--check", "--log-level", "warn", "--cache", "--cache-strategy", "content", "."]),
  },
  { name: "lint", run: () => tool("oxlint", ["--type-aware", "--deny-warnings", "--format", "unix"]) },
  {
    name: "postgres migrations",
    run: () => tool("squawk", ["--reporter", "gcc", "--config", ".squawk.toml", ...upFiles()]),
  },
  {
    name: "migrations",
    run: () =>
      [[], ...["rename-a-column", "index-a-table"].map((name) => ["--dir", `runbooks/examples/${name}`])]
        .map((words) => program(process.execPath, ["dist/src/cli.js", "migrate", "lint", ...words]))
        .find((output) => output !== undefined),
  },
  { name: "generated files", run: () => program(process.execPath, ["dist/src/dev/generate.js", "--check"]) },
  { name: "unused code", run: () => tool("knip", ["--no-progress"]) },
  { name: "headers", run: () => headerProblems().join("\n") || undefined },
  { name: "lock file", run: () => lockFileProblems().join("\n") || undefined },
];

function upFiles(): string[] {
  return readdirSync(`${packageFolder}migrations/postgres`)
    .filter((file) => file.endsWith(".up.sql"))
    .sort()
    .map((file) => `migrations/postgres/${file}`);
}

function tool(name: string, words: string[]): string | undefined {
  return program(`${packageFolder}node_modules/.bin/${name}`, words);
}

function program(path: string, words: string[]): string | undefined {
  const result = spawnSync(path, words, {
    cwd: packageFolder,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return undefined;
  return (
    `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim() ||
    `ended with ${result.status}`
  );
}

let failures = 0;
for (const check of checks) {
  const began = performance.now();
  const output = check.run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `${output === undefined ? "ok    " : "failed"}  ${seconds.padStart(5)} s  ${check.name}\n`,
  );
  if (output !== undefined) {
    failures++;
    process.stdout.write(`${output}\n\n`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
