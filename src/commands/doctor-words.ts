import type { CommandLine } from "./command-line.ts";
import type { DoctorOptions } from "./doctor.ts";

/** Adds `doctor`. */
export function addDoctorCommand({ command, handled }: CommandLine): void {
  command(
    "doctor",
    "Look at all that a store depends on: schema, settings, space, locks, replicas, jobs, proofs; say what to do; exit code 20 where something is wrong.",
    ["doctor", "doctor --json --db postgres://dba@db1/cowrie"],
  )
    .option(
      "--shadow",
      "PostgreSQL: an empty database to compare the schema with, where this user may make none",
      "",
    )
    .action(handled(async (_paths, options: DoctorOptions) => (await import("./doctor.ts")).doctor(options)));
}
