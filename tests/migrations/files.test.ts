import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import t from "tap";
import { packageFolder, type Dialect } from "../../src/migrate/files/files.ts";

const dialects: readonly Dialect[] = ["sqlite", "postgres"];

/** Longer than 150 lines, and why. */
const longMigrations = new Map([
  [
    "0001_ingest_batches_create",
    "batches, their sources and their evidence refer to each other and come together",
  ],
  ["0002_raw_events_create", "one table whose every generated column is an expression"],
  ["0003_event_types_fill", "one row for each event id that a release of Cowrie is known to write"],
  ["0004_dead_letter_events_create", "each way of listing a million letters has its index"],
  ["0009_event_fields_create_fill", "one row for each field that a release of Cowrie is known to write"],
  [
    "0014_reconcile_create",
    "runs, what they prove and what they find refer to each other; a row for each checked column",
  ],
]);

const upKeys = ["Why", "Locks", "Rewrites", "Undo", "Transaction", "Differs", "Then"];
const optionalKeys = new Set(["Differs", "Then"]);
const procedureKeys = ["Takes", "Gives", "Reads", "Writes", "Calls", "Needs", "Fails", "Differs"];

void t.test("both dialects have the same migrations, each with up, down and verify", async (t) => {
  const lists = dialects.map((dialect) => sqlFiles(`migrations/${dialect}`));

  t.same(lists[0], lists[1]);
  const names = lists
    .flat()
    .filter((file) => file.endsWith(".up.sql"))
    .map(baseOf);
  for (const name of new Set(names)) {
    t.match(name, /^\d{4}_[a-z0-9_]+$/);
    for (const dialect of dialects) {
      for (const file of [
        `migrations/${dialect}/${name}.down.sql`,
        `migrations/verify/${dialect}/${name}.sql`,
      ]) {
        t.ok(existsSync(join(packageFolder, file)), `${file} is there`);
      }
    }
  }
  for (const dialect of dialects) {
    const verified = sqlFiles(`migrations/verify/${dialect}`).map(baseOf);
    t.same(
      verified.filter((name) => !names.includes(name)),
      [],
      "no verify query without a migration",
    );
  }
});

void t.test("migrations are numbered from 0001 without a gap", async (t) => {
  const numbers = sqlFiles("migrations/sqlite")
    .filter((file) => file.endsWith(".up.sql"))
    .map((file) => Number(file.slice(0, 4)));

  t.same(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});

void t.test("every up file has its name and all keys of a header in the fixed order", async (t) => {
  for (const path of migrationPaths(".up.sql")) {
    const header = headerLines(path);
    const keys = keysOf(header);

    t.equal(header[0], baseOf(path), `${path}: the first line is the name`);
    t.same(
      keys,
      upKeys.filter((key) => !optionalKeys.has(key) || keys.includes(key)),
      path,
    );
    t.match(
      header.find((line) => line.startsWith("Transaction:")),
      /^Transaction: (one|none)$/,
      path,
    );
  }
});

void t.test("every down file says whose it is", async (t) => {
  for (const path of migrationPaths(".down.sql")) {
    const header = headerLines(path);

    t.ok(header[0]?.startsWith(baseOf(path)), path);
  }
});

void t.test("up files stay under 150 lines", async (t) => {
  for (const path of migrationPaths(".up.sql")) {
    const lines = textOf(path).split("\n").length - 1;

    t.ok(lines < 150 || longMigrations.has(baseOf(path)), `${path}: ${lines} lines`);
  }
});

void t.test("a migration uses nothing of procedures/", async (t) => {
  const objects = new Set(dialects.flatMap((dialect) => procedurePaths(dialect)).map(baseOf));
  for (const path of [...migrationPaths(".up.sql"), ...migrationPaths(".down.sql")]) {
    const words = new Set(codeOf(textOf(path)).match(/[a-z0-9_]+/g));

    t.same(
      [...objects].filter((name) => words.has(name)),
      [],
      path,
    );
  }
});

void t.test("every constraint has a name of the right kind, and no name is over 63 bytes", async (t) => {
  for (const path of [...migrationPaths(".up.sql"), ...ledgerPaths()]) {
    const code = codeOf(textOf(path));
    const named = /constraint\s+(\w+)\s+(primary key|unique|check|references|foreign key)/g;
    const prefixes = {
      "primary key": "pk_",
      unique: "uq_",
      check: "ck_",
      references: "fk_",
      "foreign key": "fk_",
    };

    for (const [, name = "", kind = ""] of code.matchAll(named)) {
      t.ok(name.startsWith(prefixes[kind as keyof typeof prefixes]), `${path}: ${name} is a ${kind}`);
    }
    const left = code
      .replaceAll(named, "")
      .match(/\b(primary key|unique(?! index)|check\s*\(|references|foreign key)/g);
    t.equal(left, null, `${path}: an unnamed constraint`);
    for (const [, name = ""] of code.matchAll(/(?:constraint|table|index|view|trigger|function)\s+(\w+)/g)) {
      t.ok(Buffer.byteLength(name) <= 63, `${path}: ${name}`);
    }
    for (const [, name = ""] of code.matchAll(/create (?:unique )?index (\w+)/g))
      t.match(name, /^(ix|uq)_/, path);
  }
});

void t.test("a procedure's file holds one object of its name, under a header", async (t) => {
  for (const dialect of dialects) {
    for (const path of procedurePaths(dialect)) {
      const name = baseOf(path);
      const text = textOf(path);
      const header = headerLines(path);
      const made = [...codeOf(text).matchAll(/^create (?:or replace )?(?:constraint )?(\w+) (\w+)/gm)].map(
        ([, , object = ""]) => object,
      );

      t.ok(header[0]?.startsWith(`${name}: `), `${path}: the first line is the name and the purpose`);
      const keys = keysOf(header);
      t.same(
        keys.filter((key) => !procedureKeys.includes(key)),
        [],
        `${path}: unknown keys`,
      );
      t.same(
        keys,
        procedureKeys.filter((key) => keys.includes(key)),
        `${path}: the order of the keys`,
      );
      if (!path.includes("/views/")) t.ok(keys.includes("Fails"), `${path}: says what it raises, or never`);
      t.ok(made.length > 0, path);
      const own = new RegExp(`^(tr_|tg_)?${name}(_instead_of_insert)?$`);
      t.same(
        made.filter((object) => !own.test(object)),
        [],
        `${path}: other objects`,
      );
    }
  }
});

void t.test("an error code that a procedure raises stands in its header", async (t) => {
  for (const dialect of dialects) {
    for (const path of procedurePaths(dialect)) {
      const fails = fullValueOf(headerLines(path), "Fails");
      const range = /WR(\d{3}) to WR(\d{3})/.exec(fails);
      const isNamed = (code: string): boolean =>
        fails.includes(code) ||
        (range !== null &&
          Number(code.slice(2)) >= Number(range[1]) &&
          Number(code.slice(2)) <= Number(range[2]));

      t.same(
        [...new Set(codeOf(textOf(path)).match(/WR\d{3}/g))].filter((code) => !isNamed(code)),
        [],
        path,
      );
    }
  }
});

void t.test("no SQL stands in src but where it may", async (t) => {
  // What makes an engine compile a trigger, a view or a body is made of the names that the catalogs list.
  const may =
    /^src\/(db\/|dev\/|sql\/generated\.ts$|migrate\/(postgres-engine|procedures\/(postgres|sqlite)-compile)\.ts$)/;
  const statement =
    /\b(select\b[^;]{1,200}\bfrom\b|insert\s+into\b[^;]{1,300}\b(values|select)\b|update\s+\w+\s+set\b|delete\s+from\b|(create|drop|alter)\s+(table|index|view|trigger)\b)/is;
  const files = (readdirSync(join(packageFolder, "src"), { recursive: true }) as string[])
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file}`)
    .filter((file) => !may.test(file));

  const found = files.flatMap((file) =>
    stringsOf(textOf(file))
      .filter((text) => statement.test(text))
      .map((text) => `${file}: ${text.slice(0, 80)}`),
  );

  t.same(found, []);
});

function sqlFiles(folder: string): string[] {
  const path = join(packageFolder, folder);
  return existsSync(path)
    ? readdirSync(path)
        .filter((file) => file.endsWith(".sql"))
        .sort()
    : [];
}

function migrationPaths(ending: string): string[] {
  return dialects.flatMap((dialect) =>
    sqlFiles(`migrations/${dialect}`)
      .filter((file) => file.endsWith(ending))
      .map((file) => `migrations/${dialect}/${file}`),
  );
}

function ledgerPaths(): string[] {
  return dialects.map((dialect) => `sql/ledger/create_ledger.${dialect}.sql`);
}

function procedurePaths(dialect: Dialect): string[] {
  const root = `procedures/${dialect}`;
  return readdirSync(join(packageFolder, root)).flatMap((kind) =>
    sqlFiles(`${root}/${kind}`).map((file) => `${root}/${kind}/${file}`),
  );
}

function textOf(path: string): string {
  return readFileSync(join(packageFolder, path), "utf8");
}

function baseOf(path: string): string {
  return basename(path).replace(/(\.(up|down))?\.sql$/, "");
}

/** The comment that heads a file, without its dashes. */
function headerLines(path: string): string[] {
  const lines = textOf(path).split("\n");
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith("--")),
    )
    .map((line) => line.replace(/^-- ?/, "").replace(/ {2,}/, " "));
}

/** `Trap:` and `Limit:` are words to search for, no keys. */
function keysOf(header: readonly string[]): string[] {
  return header
    .slice(1)
    .flatMap((line) => /^([A-Z][a-z]+): /.exec(line)?.[1] ?? [])
    .filter((key) => key !== "Trap" && key !== "Limit");
}

function fullValueOf(header: readonly string[], key: string): string {
  const from = header.findIndex((line) => line.startsWith(`${key}: `));
  if (from < 0) return "";
  const to = header.findIndex((line, index) => index > from && (line === "" || /^[A-Z][a-z]+: /.test(line)));
  return header.slice(from, to < 0 ? header.length : to).join(" ");
}

/** SQL without comments and the insides of strings that are no error texts. */
function codeOf(text: string): string {
  return text.replace(/'((?:[^']|'')*)'|--.*$/gm, (_, inside: string | undefined) => {
    if (inside === undefined) return "";
    return /^WR\d{3}/.test(inside) ? `'${inside.slice(0, 5)}'` : "''";
  });
}

/** The string and template literals of TypeScript text, roughly: comments are taken away first. */
function stringsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return code.match(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g) ?? [];
}
