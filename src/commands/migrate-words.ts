import { addAdoptCommand } from "./adopt-words.ts";
import type { CommandLine } from "./command-line.ts";
import { usageError, type ExitCode } from "../errors.ts";
import type { BlessOptions } from "./migrate-bless.ts";
import type { DriftOptions } from "./migrate-drift.ts";
import type * as migrate from "./migrate.ts";
import type { LintOptions } from "./migrate-lint.ts";
import type * as folder from "./migrate-folder.ts";
import type * as numbers from "./migrate-renumber.ts";
import type * as proof from "./migrate-prove.ts";
import type { FolderOptions } from "./migrate-folder.ts";

type UpOptions = Parameters<typeof migrate.up>[0] & Parameters<typeof folder.folderUpCommand>[0];
type PlanOptions = Parameters<typeof folder.folderPlanCommand>[0];
type ProveOptions = Parameters<typeof proof.prove>[0];
type DownOptions = Parameters<typeof migrate.down>[0] & Parameters<typeof folder.folderDownCommand>[0];

const folderOption = [
  "--dir",
  "A folder of your own: sqlite/ or postgres/ with NNNN_name.up.sql and .down.sql",
  "",
] as const;
const ownerOption = [
  "--owner",
  "With --dir: the name under which the ledger keeps it; the folder's by default",
  "",
] as const;

const phaseOption = [
  "--phase",
  "With --dir: apply up to and with expand, backfill or contract, as headers name them",
  "",
] as const;

const toOption = [
  "--to",
  "Go to this migration, by its number or name, or to @TAG; migrate down takes 0 for before the first",
  "",
] as const;
const countOption = ["--count", "Apply, or take back, so many migrations", ""] as const;
const lateOption = [
  "--out-of-order",
  "Apply migrations too that lie before one that is applied; the ledger keeps that it was so",
  false,
] as const;

/** Adds `migrate …`; with `--dir` each is about a folder of the user's own and knows nothing of the store. */
export function addMigrateCommands(line: CommandLine): void {
  addChanges(line);
  addLooks(line);
  addJudgements(line);
  addNumbers(line);
  addProofs(line);
  addDrift(line);
  addBless(line);
  addAdoptCommand(line);
}

function addChanges({ command, handled }: CommandLine): void {
  command("migrate up", "Apply pending migrations and changed procedures, all in one transaction.", [
    "migrate up",
    "migrate up --dir ./our-migrations --to 0002 --db app.sqlite",
  ])
    .option("--dry-run", "Show what would be done, as migrate plan does", false)
    .option("--plan", "The id of the plan to carry out; refused where files or schema changed since", "")
    .option(...folderOption)
    .option(...ownerOption)
    .option(...toOption)
    .option(...countOption)
    .option(...lateOption)
    .option(...phaseOption)
    .option("--create", "With --dir: make the SQLite file where there is none", false)
    .action(
      handled(async (_paths, options: UpOptions) => {
        if (isOfFolder(options)) return (await import("./migrate-folder.ts")).folderUpCommand(options);
        refuse(options.phase !== "", "--phase");
        refuse(options.create, "--create");
        return void (await (await import("./migrate.ts")).up(options));
      }),
    );

  command("migrate down", "Take back the last migration, or several.", [
    "migrate down --dry-run",
    "migrate down --confirm 0008_settings_create",
    "migrate down --to @release-2 --dir ./our-migrations --dry-run",
    "migrate down --all --confirm cowrie.sqlite --db cowrie.sqlite",
  ])
    .option("--confirm", "The name of the migration to take back; with --all that of the store", "")
    .option(...toOption)
    .option(...countOption)
    .option("--all", "Take back every migration: all that the store holds is lost", false)
    .option("--dry-run", "Show what would be lost", false)
    .option(...folderOption)
    .option(...ownerOption)
    .action(
      handled(async (_paths, options: DownOptions) => {
        if (isOfFolder(options)) {
          if (options.all)
            throw usageError("--all is of a store, not of a folder.", "Of a folder it is --to 0.");
          return (await import("./migrate-folder.ts")).folderDownCommand(options);
        }
        return void (await (await import("./migrate.ts")).down(options));
      }),
    );
}

function addLooks({ command, handled }: CommandLine): void {
  command("migrate status", "List every migration and procedure with its state.", [
    "migrate status",
    "migrate status --json",
  ])
    .option(...folderOption)
    .option(...ownerOption)
    .action(
      handled(async (_paths, options: FolderOptions) => {
        if (isOfFolder(options)) return (await import("./migrate-folder.ts")).folderStatusCommand(options);
        return void (await (await import("./migrate.ts")).status(options));
      }),
    );

  command("migrate plan", "Show what migrate up would do, lock and take; changes and locks nothing.", [
    "migrate plan",
    "migrate plan --verbose      with every statement, as it is sent",
  ])
    .option(...folderOption)
    .option(...ownerOption)
    .option(...toOption)
    .option(...countOption)
    .option(...lateOption)
    .option(...phaseOption)
    .action(
      handled(async (_paths, options: PlanOptions) => {
        if (isOfFolder(options)) return (await import("./migrate-folder.ts")).folderPlanCommand(options);
        refuse(options.phase !== "", "--phase");
        return void (await (await import("./migrate.ts")).plan(options));
      }),
    );

  command(
    "migrate verify",
    "Run the verify query of every applied migration; exit code 20 where one does not hold.",
    ["migrate verify", "migrate verify --json"],
  )
    .option(...folderOption)
    .option(...ownerOption)
    .action(
      handled(async (_paths, options: FolderOptions): Promise<ExitCode> => {
        if (isOfFolder(options)) return (await import("./migrate-folder.ts")).folderVerifyCommand(options);
        return (await import("./migrate.ts")).verify(options);
      }),
    );
}

function addJudgements({ command, handled }: CommandLine): void {
  command("migrate measure", "Find out on a copy what each pending file locks and how long it takes.", [
    "migrate measure --dir ./our-migrations --on-a-copy --db postgres://dba@staging/copy",
  ])
    .option(...folderOption)
    .option(...ownerOption)
    .option(
      "--on-a-copy",
      "Say that the database is a copy that nobody uses; what is pending is applied to it",
      false,
    )
    .action(
      handled(async (_paths, options: FolderOptions & { "on-a-copy": boolean }) => {
        if (options.dir === "") throw usageError("migrate measure needs a folder.", "Give it: --dir FOLDER");
        return (await import("./migrate-measure.ts")).folderMeasureCommand(options);
      }),
    );

  command("migrate lint", "Find in files of migrations what fails, stops others or loses data.", [
    "migrate lint --dir ./our-migrations",
    "migrate lint ./our-migrations/postgres/0007_orders_index.up.sql --db postgres://dba@db1/shop",
  ])
    .option(folderOption[0], `${folderOption[1]}; cowriedb's own by default`, "")
    .action(
      handled(async (paths, options: LintOptions) =>
        (await import("./migrate-lint.ts")).lint(paths, options),
      ),
    );
}

function addNumbers({ command, handled }: CommandLine): void {
  command(
    "migrate tag",
    "Give a name to a height of the schema, in tags.tsv beside the files; --to @NAME goes there on any database.",
    [
      "migrate tag release-2 --dir ./our-migrations",
      "migrate tag release-1 --at 0007 --dir ./our-migrations",
    ],
  )
    .option("--at", "The migration, by its number or name; the last by default", "")
    .option("--note", "What the tag is for", "")
    .option(folderOption[0], `${folderOption[1]}; cowriedb's own by default, in a working copy of it`, "")
    .action(
      handled(async (words, options: Parameters<typeof numbers.tag>[1]) => {
        (await import("./migrate-renumber.ts")).tag(words, options);
      }),
    );

  command(
    "migrate renumber",
    "Give migrations that the database does not have the next free numbers: files, and what names them.",
    [
      "migrate renumber --dir ./our-migrations --dry-run",
      "migrate renumber 0007_orders_note --dir ./our-migrations --db postgres://dba@db1/shop",
    ],
  )
    .option("--dry-run", "Show what would be renamed and written", false)
    .option(folderOption[0], `${folderOption[1]}; cowriedb's own by default, in a working copy of it`, "")
    .option(...ownerOption)
    .action(
      handled(async (words, options: Parameters<typeof numbers.renumber>[1]) => {
        isOfFolder(options);
        return (await import("./migrate-renumber.ts")).renumber(words, options);
      }),
    );
}

function addProofs({ command, handled }: CommandLine): void {
  command(
    "migrate prove",
    "Show on throw-away databases that each migration can be taken back; exit code 20 where one cannot.",
    ["migrate prove", "migrate prove --dir ./our-migrations --to 0002 --db postgres://dba@localhost/orders"],
  )
    .option(...folderOption)
    .option(...ownerOption)
    .option("--to", "The last migration to prove, by its number or name, or @TAG", "")
    .option("--shadow", "PostgreSQL: an empty database to work in, where this user may not make one", "")
    .action(
      handled(async (_paths, options: ProveOptions): Promise<ExitCode> => {
        isOfFolder(options);
        return (await import("./migrate-prove.ts")).prove(options);
      }),
    );
}

function addDrift({ command, handled }: CommandLine): void {
  command(
    "migrate drift",
    "Tell how the live schema differs from what the ledger says, and the SQL that puts it back; changes nothing; exit code 20 on a difference.",
    [
      "migrate drift",
      "migrate drift --as restore > restore.sql",
      "migrate drift --dir ./our-migrations --json",
    ],
  )
    .option(
      "--as",
      "sentences, restore (SQL that puts it back), or migration (up and down that make it official)",
      "sentences",
    )
    .option("--shadow", "PostgreSQL: an empty database to compare with, where this user may make none", "")
    .option(...folderOption)
    .option(...ownerOption)
    .action(
      handled(async (_paths, options: DriftOptions): Promise<ExitCode> => {
        isOfFolder(options);
        return (await import("./migrate-drift.ts")).drift(options);
      }),
    );
}

function isOfFolder(options: FolderOptions): boolean {
  if (options.dir === "") refuse(options.owner !== "", "--owner");
  return options.dir !== "";
}

function refuse(isGiven: boolean, option: string): void {
  if (isGiven) throw usageError(`${option} goes with --dir alone.`, "Name the folder: --dir FOLDER");
}

function addBless({ command, handled }: CommandLine): void {
  command(
    "migrate bless",
    "Accept an edit of comments in the file of an applied migration, or of its down file.",
    [
      'migrate bless 0017_session_summaries_snapshot --reason "a licence header"',
      'migrate bless 0002_orders_expand --dir ./our-migrations --reason "comments translated" --db app.sqlite',
    ],
  )
    .option(...folderOption)
    .option(...ownerOption)
    .option("--reason", "Why; the ledger keeps it, with who and when", "")
    .action(
      handled(async (words, options: BlessOptions) => {
        isOfFolder(options);
        return (await import("./migrate-bless.ts")).bless(words, options);
      }),
    );
}
