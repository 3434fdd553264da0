import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";
import { runbookNames } from "../../src/runbook/files.ts";
import { cowriedb } from "../helpers/cli.ts";
import { commands } from "../helpers/lines.ts";

const runbookHeadings = [
  "Purpose",
  "When",
  "Impact",
  "You need",
  "Before",
  "Run",
  "Watch",
  "Verify",
  "Undo",
  "If it stops",
  "After",
  "Rehearsed",
];

void t.test("every command in the README and the runbooks exists, with its options", async (t) => {
  const helps = new Map<string, string>();
  for (const path of documents()) {
    for (const line of commandLines(textOf(path))) {
      const words = line.split(/\s+/);
      const command = commands.find((known) => known.every((word, index) => words[index] === word));
      if (line === "" || line.startsWith("-") || line.startsWith("<")) continue;
      t.ok(command !== undefined, `${path}: cowriedb ${line}`);
      if (command === undefined) continue;
      const name = command.join(" ");
      if (!helps.has(name)) {
        const outcome = await cowriedb([...command, "--help"]);
        t.equal(outcome.code, 0, `cowriedb ${name} --help`);
        helps.set(name, outcome.stdout);
      }
      for (const flag of line.match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []) {
        t.ok(
          new RegExp(`(^|[ ,])${flag}\\b`, "m").test(helps.get(name) ?? ""),
          `${path}: ${flag} of cowriedb ${name}`,
        );
      }
    }
  }
});

void t.test("error-codes.md has a row for every code, and none that is not used", (t) => {
  const rows = textOf("runbooks/reference/error-codes.md")
    .split("\n")
    .flatMap((line) => /^\| `([a-z]+\.[a-z_]+|WR\d{3})` +\|(.*)\|(.*)\|(.*)\|$/.exec(line)?.slice(1) ?? []);
  const listed = rows.filter((_, index) => index % 4 === 0);
  const used = [...new Set([...codesOfSource(), ...codesOfProcedures()])].sort();

  t.same([...listed].sort(), used);
  t.equal(new Set(listed).size, listed.length, "no code stands twice");
  t.same(
    rows.filter((cell) => cell.trim() === ""),
    [],
    "every row has meaning, cause and action",
  );
  t.end();
});

void t.test("json-output.md has a heading for every command", (t) => {
  const headings = textOf("runbooks/reference/json-output.md").match(/^## .*$/gm) ?? [];
  // demo shows the other commands and has no document of its own.
  for (const words of commands.filter(([first]) => first !== "demo")) {
    t.ok(
      headings.some((heading) => heading.includes(`\`${words.join(" ")}\``)),
      words.join(" "),
    );
  }
  t.end();
});

void t.test("every runbook has the fixed headings in their order, and at most 120 lines", (t) => {
  for (const path of documents().filter(
    (file) => /^runbooks\/[^/]+\.md$/.test(file) && !/(README|concurrency)\.md$/.test(file),
  )) {
    const text = textOf(path);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

    t.same(headings, runbookHeadings, path);
    t.ok(text.split("\n").length <= 121, `${path} is short`);
    t.match(text, /^# \S/, path);
  }
  t.end();
});

void t.test("the index of the runbooks leads to each of them", (t) => {
  const links = [...textOf("runbooks/README.md").matchAll(/\]\(([a-z-]+)\.md\)/g)].map(
    ([, name = ""]) => name,
  );

  t.same([...new Set(links)].sort(), [...runbookNames(), "concurrency"].sort());
  t.end();
});

void t.test("a link to a file of ours leads to one", (t) => {
  for (const path of documents()) {
    const folder = join(packageFolder, path, "..");
    for (const [, target = ""] of textOf(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (!/^[a-z]+:/.test(target)) t.ok(existsSync(join(folder, target)), `${path}: ${target}`);
    }
  }
  t.end();
});

void t.test("no document holds a password in a URL", (t) => {
  for (const path of documents()) t.notMatch(textOf(path), /\w+:\/\/[^/\s@:]+:[^/\s@*]+@/, path);
  t.end();
});

function documents(): string[] {
  const runbooks = (readdirSync(join(packageFolder, "runbooks"), { recursive: true }) as string[])
    .filter((file) => file.endsWith(".md"))
    .map((file) => `runbooks/${file}`);
  return ["README.md", ...runbooks].filter((path) => existsSync(join(packageFolder, path)));
}

function textOf(path: string): string {
  return readFileSync(join(packageFolder, path), "utf8");
}

/** What follows `cowriedb` on each line of the fenced blocks, without a prompt, a comment or a redirection. */
function commandLines(text: string): string[] {
  return [...text.matchAll(/^ *```(?!json)[a-z ]*\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block = ""]) => block.replaceAll(/\\\n\s*/g, " ").split("\n"))
    .flatMap((line) => /^\s*\$? *(?:[A-Z_]+=\S+ +)*(?:npx +|sudo +)?cowriedb +(.*)$/.exec(line)?.[1] ?? [])
    .map((line) => line.replace(/\s+(#|[|>]|&&|2>).*$/, "").trim());
}

/** Codes of the form `area.problem` in the program; `dev.` is the developers' own. */
function codesOfSource(): string[] {
  const files = (readdirSync(join(packageFolder, "src"), { recursive: true }) as string[]).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("dev/"),
  );
  return files.flatMap((file) => {
    const text = textOf(`src/${file}`);
    return [...text.matchAll(/(?:new CowriedbError\(\s*|\bcode: )"([a-z]+\.[a-z_]+)"/g)].map(
      ([, code = ""]) => code,
    );
  });
}

function codesOfProcedures(): string[] {
  const files = (readdirSync(join(packageFolder, "procedures"), { recursive: true }) as string[]).filter(
    (file) => file.endsWith(".sql"),
  );
  return files.flatMap(
    (file) =>
      textOf(`procedures/${file}`)
        .replace(/--.*$/gm, "")
        .match(/WR\d{3}/g) ?? [],
  );
}
