import sade from "sade";
import type * as audit from "./commands/audit.ts";
import { commandNames } from "./commands/command-names.ts";
import { operands, takesOperands, valueOptions } from "./commands/command-words.ts";
import { addLetterCommands, addRegistryCommands } from "./commands/dlq-words.ts";
import { addDoctorCommand } from "./commands/doctor-words.ts";
import { addHydrateCommand } from "./commands/hydrate-words.ts";
import { addIngestCommands } from "./commands/ingest-words.ts";
import { addInventoryCommands } from "./commands/inventory-words.ts";
import { addJobCommands } from "./commands/job-words.ts";
import { addCompareCommand } from "./commands/compare-words.ts";
import { addMigrateCommands } from "./commands/migrate-words.ts";
import { addReconcileCommands } from "./commands/reconcile-words.ts";
import { addRunbookCommands } from "./commands/runbook-words.ts";
import { hintOf, type About } from "./commands/next-command.ts";
import type { CommonOptions } from "./commands/output.ts";
import type { recount } from "./commands/recount.ts";
import type { daily } from "./commands/report.ts";
import { endTelemetry, withTelemetry } from "./commands/telemetry.ts";
import { stopWithParent } from "./commands/signals.ts";
import type { status } from "./commands/status.ts";
import type { verify } from "./commands/verify.ts";
import { version } from "./commands/version.ts";
import { CowriedbError, exitCodes, framesOf, messageOf, usageError, type ExitCode } from "./errors.ts";
import { red, setColour, visible } from "./term.ts";

type Options = CommonOptions & Record<string, unknown> & { _: string[] };

/** Resolves once the command has ended, well or not. */
export let ended = Promise.resolve();
// A command's module comes when the command is called: most need neither engine's runner of migrations nor the other engine.
const program = sade("cowriedb");

program
  .option(
    "--db",
    "SQLite file, sqlite:PATH or postgres://user@host/database; else COWRIEDB_URL, else ./cowrie.sqlite",
    "",
  )
  .option("--json", "Answer with one JSON document", false)
  .option("-q, --quiet", "Say nothing but the answer and errors", false)
  .option("--verbose", "Say more", false)
  .option("--no-color", "No colour; NO_COLOR and TERM=dumb do the same", false);

command("init", "Create the store, set and read back its PRAGMAs, migrate, install the procedures.", [
  "init --db cowrie.sqlite",
  "init --db postgres://cowrie@localhost/cowrie",
]).action(
  handled(
    async (_paths, options: CommonOptions) => void (await (await import("./commands/init.ts")).init(options)),
  ),
);

addIngestCommands({ command, handled });
addInventoryCommands({ command, handled });
addLetterCommands({ command, handled });
addRegistryCommands({ command, handled });
addMigrateCommands({ command, handled });
addJobCommands({ command, handled });
addHydrateCommand({ command, handled });

command(
  "recount",
  "Derive the tables from log files with other code and compare them with the store; exit code 20 on a difference.",
  ["recount /var/log/cowrie/cowrie.json.2026-01-05", "recount logs/cowrie.json* --json"],
)
  .option("--multi-line", "Take objects that are written over several lines", false)
  .action(
    handled(async (paths, options: Parameters<typeof recount>[1]) =>
      (await import("./commands/recount.ts")).recount(paths, options),
    ),
  );

command(
  "verify",
  "Prove evidence, events and derived rows from the digests and the chain: what is new, or all; exit code 20 on a difference.",
  ["verify", "verify --full --export chain-head.json", "verify --against chain-head.json --json"],
)
  .option("--full", "Read every batch again, and count every session", false)
  .option("--from-batch", "Read the batches from this one on", "")
  .option("--export", "Write the end of the chain to a file, to be kept elsewhere", "")
  .option("--against", "See that the chain still has the end that was exported to this file", "")
  .option("--manifest", "Compare every row with a manifest of hydrate, on either engine", "")
  .action(
    handled(async (_paths, options: Parameters<typeof verify>[0]) =>
      (await import("./commands/verify.ts")).verify(options),
    ),
  );

addReconcileCommands({ command, handled });
addCompareCommand({ command, handled });
addRunbookCommands({ command, handled });
addDoctorCommand({ command, handled });

command("status", "Show what the store holds: batches, events, sessions, rejects by reason, sizes, schema.", [
  "status",
  "status --json",
])
  .option("--quality", "Show what is wrong with the data too; takes seconds for a million events", false)
  .action(
    handled(
      async (_paths, options: Parameters<typeof status>[0]) =>
        void (await (await import("./commands/status.ts")).status(options)),
    ),
  );

command(
  "report daily",
  "Show one day: sessions, addresses, logins, credentials, commands, files, by sensor.",
  ["report daily --day 2026-01-05", "report daily --json --limit 50"],
)
  .option("--day", "The day (UTC) as YYYY-MM-DD; the newest by default", "")
  .option("--limit", "Rows of each list; 10 by default", "")
  .action(
    handled(
      async (_paths, options: Parameters<typeof daily>[0]) =>
        void (await (await import("./commands/report.ts")).daily(options)),
    ),
  );

command("audit list", "List who changed rules, settings, letters or batches, newest first.", [
  "audit list --table risk_rules",
  "audit list --since 2026-01-05 --json",
])
  .option("--table", "Changes of this table alone", "")
  .option("--actor", "Changes by this actor alone, as user@host", "")
  .option("--since", "From this day or instant (UTC) on", "")
  .option("--limit", "Rows to list; 50 by default", "")
  .action(
    handled(async (_paths, options: Parameters<typeof audit.list>[0]) =>
      (await import("./commands/audit.ts")).list(options),
    ),
  );

command("demo", "Take a fortnight of made-up logs through the main job, in a folder that is removed again.", [
  "demo",
]).action(
  handled(async (_paths, options: CommonOptions) => (await import("./commands/demo.ts")).demo(options)),
);

command("version", "Show the version of the program and of its schema.", [
  "version",
  "version --json",
]).action(handled(async (_paths, options: CommonOptions) => Promise.resolve(void version(options))));

function command(name: string, purpose: string, examples: string[]): sade.Sade {
  commandNames.set(name, purpose);
  const operand = takesOperands.has(name) ? ` [${operands.get(name) ?? "path"}]` : "";
  const added = program.command(name + operand, purpose);
  for (const example of examples) added.example(example);
  return added;
}

/** Wraps an action: positional arguments as a list, colour, errors with their exit code. */
function handled<O extends CommonOptions>(
  action: (paths: string[], options: O) => Promise<ExitCode | undefined | void>,
): sade.Handler {
  return (...given: unknown[]) => {
    const options = given.at(-1) as Options;
    const [first] = given.length > 1 ? [given[0]] : [];
    const paths = [...(typeof first === "string" ? [first] : []), ...options._.map(String)].map((path) =>
      path === standardInput ? "-" : path,
    );
    const { name } = ordered(process.argv.slice(2));
    if (paths.length > 0 && !takesOperands.has(name)) {
      fail(
        usageError(`${name} takes no ${JSON.stringify(paths[0])}.`, `Run: cowriedb ${name} --help`),
        options,
      );
      return;
    }
    run(options, () => action(paths, options as unknown as O));
  };
}

function run(options: Options, action: () => Promise<ExitCode | undefined | void>): void {
  setColour(process.argv.includes("--no-color"));
  options.json = Boolean(options.json);
  options.quiet = Boolean(options.quiet);
  options.verbose = Boolean(options.verbose);
  ended = withTelemetry(action).then(
    (code) => {
      process.exitCode = code ?? exitCodes.done;
    },
    (error: unknown) => {
      fail(error, options);
    },
  );
}

function fail(error: unknown, options: About & { json?: boolean; verbose?: boolean }): void {
  const known = error instanceof CowriedbError ? error : undefined;
  const message = visible(known?.message ?? messageOf(error));
  const hint = known === undefined ? undefined : hintOf(known, options);
  if (options.json === true) {
    process.stdout.write(
      `${JSON.stringify({ error: { code: known?.code ?? "internal", message, hint: hint ?? null } }, null, 2)}\n`,
    );
  }
  process.stderr.write(`${red("✘")} ${message}\n`);
  if (hint !== undefined) process.stderr.write(`  ${visible(hint)}\n`);
  if (known === undefined || options.verbose === true) {
    for (const frame of framesOf(error)) process.stderr.write(`${visible(frame)}\n`);
  }
  process.exitCode = known?.exitCode ?? exitCodes.internal;
}

// A reader that went away, as in `cowriedb status | head -1`, ends the program without a word.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  const isGone = error.code === "EPIPE";
  if (!isGone)
    process.stderr.write(
      `✘ The answer cannot be written: ${error.message}.\n  Check the disk that standard output goes to.\n`,
    );
  void endTelemetry().then(() => process.exit(isGone ? exitCodes.done : exitCodes.failed));
});

stopWithParent();

const exitCodeHelp = `
  Exit codes
    0  done              1  failed           20  differences found    64  used wrongly
   21  repaired          22  not all proved   24  needs a person       75  locked, try later
   70  a fault of the program           130, 143  stopped by a signal after saving its place
`;

/** What stands for `-` while the words are parsed. */
const standardInput = "standard input, not a path";

/** The command's words first, then the rest: sade wants them in front. A lone `-` is kept from its parser. */
function ordered(given: readonly string[]): { name: string; words: string[] } {
  const plain = given.filter(
    (word, index) => !word.startsWith("-") && !valueOptions.has(given[index - 1] ?? ""),
  );
  const name = [plain.slice(0, 2).join(" "), plain[0] ?? ""].find((words) => commandNames.has(words));
  if (name === undefined) return { name: plain.slice(0, 2).join(" "), words: [...given] };
  const rest = [...given];
  for (const word of name.split(" ")) rest.splice(rest.indexOf(word), 1);
  return { name, words: [...name.split(" "), ...rest.map((word) => (word === "-" ? standardInput : word))] };
}

/** Refuses an option that is given twice, or without its value: the parser would take the standard one. */
function checkValues(words: readonly string[], name: string): void {
  for (const option of valueOptions) {
    const values = words.flatMap((word, index) => {
      if (word.startsWith(`${option}=`)) return [word.slice(option.length + 1)];
      const next = words[index + 1] ?? "";
      return word === option ? [next.startsWith("-") ? "" : next] : [];
    });
    if (values.length > 1 && option !== "--set")
      throw usageError(`${option} is given twice.`, "Give it once.");
    if (values.includes(""))
      throw usageError(`${option} is given without a value.`, `Run: cowriedb ${name} --help`);
  }
}

function noCommand(name: string, verbs: readonly string[]): CowriedbError {
  return usageError(
    `There is no command ${JSON.stringify(name)}.`,
    verbs.length > 0 ? `There are: ${verbs.join(", ")}. Run: cowriedb --help` : "Run: cowriedb --help",
  );
}

/** The commands of a group, as `migrate`, and what each is for. */
function helpOf(verbs: readonly string[]): string {
  const width = Math.max(...verbs.map((verb) => verb.length));
  const lines = verbs.map((verb) => `    ${verb.padEnd(width)}  ${commandNames.get(verb) ?? ""}`);
  return `\n  Commands\n${lines.join("\n")}\n\n  For more: cowriedb ${verbs[0] ?? ""} --help\n\n`;
}

try {
  const given = process.argv.slice(2);
  const wantsHelp = given.some((word) => word === "--help" || word === "-h");
  const { name, words } = ordered(given);
  if (given.includes("--version") || (given.length === 1 && given[0] === "-v")) {
    version({ json: given.includes("--json") } as CommonOptions);
  } else if (given.length === 0 || (wantsHelp && name === "")) {
    program.help("");
    process.stdout.write(exitCodeHelp);
  } else if (!commandNames.has(name)) {
    const [group = ""] = name.split(" ");
    const verbs = [...commandNames.keys()].filter((known) => known.startsWith(`${group} `));
    if (!(wantsHelp && name === group && verbs.length > 0)) throw noCommand(name, verbs);
    process.stdout.write(helpOf(verbs));
  } else {
    // sade's parser takes --no-color for a --color that is not one; setColour looks for the word itself.
    const parsed = program.parse(["node", "cowriedb", ...words.filter((word) => word !== "--no-color")], {
      lazy: true,
      unknown: (flag) => {
        throw usageError(`There is no option ${flag}.`, `Run: cowriedb ${name} --help`);
      },
    });
    if (parsed !== undefined) {
      checkValues(given, name);
      (parsed.handler as (...given: unknown[]) => void)(...parsed.args);
    }
  }
} catch (error) {
  fail(error, { json: process.argv.includes("--json") });
}
