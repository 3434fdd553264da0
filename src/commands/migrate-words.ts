import type { CommandLine } from "./command-line.ts";
import type * as migrate from "./migrate.ts";
import type { CommonOptions } from "./output.ts";

/** Adds `migrate …`. */
export function addMigrateCommands({ command, handled }: CommandLine): void {
  command("migrate up", "Apply pending migrations and changed procedures, all in one transaction.", [
    "migrate up",
    "migrate up --dry-run",
  ])
    .option("--dry-run", "Show what would be done", false)
    .action(
      handled(
        async (_paths, options: Parameters<typeof migrate.up>[0]) =>
          void (await (await import("./migrate.ts")).up(options)),
      ),
    );

  command("migrate down", "Take back the last migration.", [
    "migrate down --dry-run",
    "migrate down --confirm 0008_settings_create",
  ])
    .option("--confirm", "The name of the migration to take back", "")
    .option("--dry-run", "Show what would be lost", false)
    .action(
      handled(
        async (_paths, options: Parameters<typeof migrate.down>[0]) =>
          void (await (await import("./migrate.ts")).down(options)),
      ),
    );

  command("migrate status", "List every migration and procedure with its state.", [
    "migrate status",
    "migrate status --json",
  ]).action(
    handled(
      async (_paths, options: CommonOptions) => void (await (await import("./migrate.ts")).status(options)),
    ),
  );

  command("migrate plan", "Show what migrate up would do; changes nothing.", [
    "migrate plan",
    "migrate plan --verbose",
  ]).action(
    handled(
      async (_paths, options: CommonOptions) => void (await (await import("./migrate.ts")).plan(options)),
    ),
  );

  command(
    "migrate verify",
    "Run the verify query of every applied migration; exit code 20 where one does not hold.",
    ["migrate verify", "migrate verify --json"],
  ).action(handled(async (_paths, options: CommonOptions) => (await import("./migrate.ts")).verify(options)));
}
