import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { cleaned } from "../../src/runbook/command.ts";
import { parametersOf } from "../../src/runbook/gate.ts";
import { parseRunbook } from "../../src/runbook/parse.ts";
import { neededVariables, planOf } from "../../src/runbook/plan.ts";
import { filledIn, splitWords, variablesOf } from "../../src/runbook/words.ts";
import { fence, pageOf, type Page } from "../helpers/pages.ts";

const read = (page: Page): ReturnType<typeof parseRunbook> => parseRunbook("page", pageOf(page));
const steps = (page: Page, dialect: "sqlite" | "postgres" = "sqlite"): ReturnType<typeof planOf> =>
  planOf(read(page), "forward", dialect);

void t.test("a step has its blocks in order, what is expected of them, and its place", (t) => {
  const plan = steps({
    need: "- `$JOB`: a job.",
    before: `Read this first.\n\n1. A gate.\n${fence("sql", "select 1 where $JOB = '2'")}`,
    run: [
      "1. Look at it. Expect exit code 0, 20 or 22. Expect `a word` in the answer.",
      fence("sh", 'cowriedb jobs show "$JOB" \\', "  --json --db x", "cowriedb status"),
      "2. Restart the server.",
    ].join("\n"),
    verify: fence("sh", "cowriedb version").trim(),
  });

  t.match(plan, [
    { number: 1, section: "Before", label: "1", kind: "gate", text: "select 1 where $JOB = '2'" },
    { number: 2, section: "Run", label: "1", kind: "command", exitCodes: [0, 20, 22], expected: ["a word"] },
    { number: 3, kind: "command", text: "cowriedb status", exitCodes: [0, 20, 22], shown: "" },
    { number: 4, section: "Run", label: "2", kind: "person", text: "Restart the server." },
    { number: 5, section: "Verify", label: "1", kind: "command", exitCodes: [0] },
  ]);
  t.equal(plan.length, 5);
  t.same(filledIn(plan[1]?.words ?? [], new Map([["JOB", "7"]])), [
    "jobs",
    "show",
    "7",
    "--json",
    "--db",
    "x",
  ]);
  t.same(neededVariables(plan), ["JOB"]);
  t.end();
});

void t.test("a block of the other engine is left out, and its step with it", (t) => {
  const page = {
    run: `1. One.\n${fence("sh postgres", "cowriedb status")}${fence("sh sqlite", "cowriedb version")}\n2. Two.\n${fence("sql postgres", "select 1")}`,
  };

  t.same(
    steps(page, "sqlite").map(({ text }) => text),
    ["cowriedb version"],
  );
  t.same(
    steps(page, "postgres").map(({ text }) => text),
    ["cowriedb status", "select 1"],
  );
  t.end();
});

void t.test("a variable that an answer gives need not be given, where it comes in time", (t) => {
  const taken = `1. Now \`$JOB\` is \`jobs.0.job_id\` of the answer.\n${fence("sh", "cowriedb jobs list --json")}`;
  const used = (label: string): string => `${label}. Look.\n${fence("sh", 'cowriedb jobs show "$JOB"')}`;
  const need = "- `$JOB`: a job.";

  t.same(neededVariables(steps({ need, run: taken + used("2") })), []);
  t.same(neededVariables(steps({ need, before: used("1"), run: taken })), ["JOB"]);
  t.match(steps({ need, run: taken })[0]?.captures, [{ variable: "JOB", path: ["jobs", "0", "job_id"] }]);
  t.end();
});

const badPages: readonly [says: string, page: Page, why: RegExp][] = [
  ["a block in a language that is not known", { run: fence("python", "print(1)") }, /line 26.*"python"/],
  ["an engine that is not known", { run: fence("sql oracle", "select 1") }, /"sql oracle"/],
  ["another program", { run: fence("sh", "rm -rf x") }, /only cowriedb is run, not "rm"/],
  ["a path to a program", { run: fence("sh", "./cowriedb status") }, /only cowriedb/],
  ["a program named by a variable", { need: "`$X`", run: fence("sh", '"$X" status') }, /only cowriedb/],
  ["a pipe", { run: fence("sh", "cowriedb status | head") }, /no shell runs it, so "\|"/],
  ["a redirection", { run: fence("sh", "cowriedb status > x") }, /no shell.*">"/],
  ["two commands on a line", { run: fence("sh", "cowriedb status; cowriedb version") }, /no shell.*";"/],
  ["a command in a command", { run: fence("sh", "cowriedb status $(id)") }, /no shell.*"\$"/],
  ["backquotes", { run: fence("sh", "cowriedb status `id`") }, /no shell/],
  ["backquotes in double quotes", { run: fence("sh", 'cowriedb status "`id`"') }, /no shell/],
  ["a quote that does not end", { run: fence("sh", 'cowriedb status "x') }, /no shell/],
  ["a variable in braces", { run: fence("sh", 'cowriedb status "${X}"') }, /before a variable's name/],
  ["a variable that is not listed", { run: fence("sh", 'cowriedb status "$X"') }, /\$X is not listed/],
  ["a variable of a gate that is not listed", { run: fence("sql", "select $X") }, /\$X is not listed/],
  [
    "a variable from an answer that is no JSON",
    { need: "`$X`", run: `1. \`$X\` is \`a\` of the answer.\n${fence("sh", "cowriedb status")}` },
    /one command with --json/,
  ],
  [
    "a block before the first step",
    { run: `${fence("sh", "cowriedb status")}\n1. Then.\n` },
    /before the first/,
  ],
  ["a block that does not end", { undo: "\n```sh\ncowriedb status\n" }, /has no section|does not end/],
];

for (const [says, page, why] of badPages) {
  void t.test(`a page is refused for ${says}`, (t) => {
    const plan = (): unknown =>
      (["forward", "undo"] as const).map((direction) => planOf(read(page), direction, "sqlite"));
    t.throws(plan, { code: "runbook.bad_file", message: why });
    t.end();
  });
}

void t.test("a page without its sections is refused", (t) => {
  t.throws(() => parseRunbook("page", "Rebuild"), { code: "runbook.bad_file", message: /title/ });
  t.throws(() => parseRunbook("page", "# Rebuild\n\n## Run\n"), { message: /no section Before/ });
  t.throws(() => parseRunbook("page", `${pageOf({})}## Run\n`), { message: /Run is there twice/ });
  t.end();
});

void t.test("a value stays one word, whatever is in it", (t) => {
  const forms = ['"$A"', "$A", 'x"$A"y', "x$A", '"a $A b"'];
  fc.assert(
    fc.property(fc.constantFrom(...forms), fc.string({ unit: "binary" }), (form, value) => {
      const words = splitWords(`cowriedb ${form} end`);
      const filled = filledIn(words, new Map([["A", value]]));
      const plain = form.replaceAll('"', "").replace("$A", () => value);
      return filled.length === 3 && filled[1] === plain && filled[2] === "end";
    }),
    { numRuns: 1_000 },
  );
  t.same(variablesOf(splitWords(`"$A" '$B' $C`)), ["A", "C"], "nothing is filled in within single quotes");
  t.same(filledIn(splitWords(`'a b' "c\\"d" ''`), new Map()), ["a b", 'c"d', ""]);
  t.end();
});

void t.test("a star stands for files of one folder, and only where the page has it", (t) => {
  const folder = t.testdir({ "a.json": "", "a.json.1": "", "b.json": "", ".a.json": "", sub: {} });
  mkdirSync(join(folder, "*"));
  writeFileSync(join(folder, "*", "a.json"), "");
  const files = (line: string, value: string): string[] =>
    filledIn(splitWords(line), new Map([["A", value]]));

  t.same(files('"$A"/a.json*', folder), [join(folder, "a.json"), join(folder, "a.json.1")]);
  t.same(
    files('"$A"/*', folder),
    ["*", "a.json", "a.json.1", "b.json", "sub"].map((name) => join(folder, name)),
  );
  t.same(files('"$A"/x*', folder), [`${folder}/x*`], "what fits nothing stays");
  t.same(files('"$A"', `${folder}/a*`), [`${folder}/a*`], "a star of a value is none");
  t.same(files('"$A"*', join(folder, "*", "a")), [join(folder, "*", "a.json")]);
  t.end();
});

void t.test("a variable of a query stands outside of literals, names and comments", (t) => {
  const text = `select '$A', "$B", $C -- $D\n/* $E */ where x = $C and y = $F2`;
  t.same(parametersOf(text), ["C", "F2"]);
  t.end();
});

void t.test("what a command writes is shown and kept without a password and without control bytes", (t) => {
  const before = process.env["PGPASSWORD"];
  t.teardown(() => {
    if (before === undefined) delete process.env["PGPASSWORD"];
    else process.env["PGPASSWORD"] = before;
  });
  const line = "\u001b[2Jhush-hush at postgres://me:secret@host/db?sslpassword=third";
  process.env["PGPASSWORD"] = "hush-hush";

  t.equal(cleaned(line), String.raw`\x1b[2J*** at postgres://me:***@host/db?sslpassword=***`);
  process.env["PGPASSWORD"] = "";
  t.match(cleaned(line), /hush-hush at/);
  t.end();
});
