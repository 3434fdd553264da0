import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Test } from "tap";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";
import { isMetInShort, isNightly, program } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { fileOf, logOf } from "../helpers/imports.ts";
import { loadContents } from "../helpers/load.ts";
import { warm } from "../helpers/warm.ts";

/** Wrong use, by the words behind `inventory import`; `%` is the folder of the files below. */
const wrong: { words: string[]; code: number; message: RegExp[] }[] = [
  { words: [], code: 64, message: [/needs a file/, /inventory import --help/] },
  { words: ["%/missing.csv"], code: 1, message: [/There is no file .*missing\.csv/, /Check the path/] },
  { words: ["%"], code: 1, message: [/cannot be imported: it is no regular file/] },
  { words: ["%/empty.csv"], code: 1, message: [/cannot be imported: it is empty/] },
  { words: ["%/array.json"], code: 1, message: [/it is one JSON array/, /inventory\.md/] },
  { words: ["%/utf16.csv"], code: 1, message: [/it is no text, no MMDB and no SQLite file/] },
  { words: ["%/cut.gz"], code: 1, message: [/cut\.gz cannot be read: Z_\w+/, /whole/] },
  { words: ["%/list.txt"], code: 64, message: [/is a list that says nothing/, /--label TOR/] },
  {
    words: ["%/odd.csv"],
    code: 64,
    message: [/no header, and its values do not say/, /--columns first,last/],
  },
  { words: ["%/odd.csv", "--columns", "ip,what"], code: 64, message: [/--columns names "what"/, /asn_name/] },
  { words: ["%/odd.csv", "--columns", "country"], code: 64, message: [/no header/] },
  { words: ["%/good.csv", "--as-of", "yesterday"], code: 64, message: [/--as-of is no instant/] },
  { words: ["%/good.csv", "--batch-size", "0"], code: 64, message: [/--batch-size must be .* 1 to 10000/] },
  { words: ["%/good.csv", "--label", "x".repeat(201)], code: 64, message: [/--label has at most 200/] },
  {
    words: ["%/good.csv", "%/bad.csv"],
    code: 1,
    message: [/3 of the first 4 rows .*\\x1b\[31m/, /--columns/],
  },
  { words: ["%/other.sqlite"], code: 1, message: [/other\.sqlite cannot be read|has none of the tables/] },
];

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("wrong use is refused, says what to do, and lets no byte of a file through", async (t) => {
      const { store, folder } = await withFiles(t, engine);

      // Most are refused before the store is asked; the last but one is a file that was begun.
      for (const { words, code, message } of isMetInShort(engine) ? wrong : wrong.slice(-2)) {
        const named = words.map((word) => word.replace("%", folder));
        const outcome = await warm(["inventory", "import", ...named, "--db", store.db]);

        t.equal(outcome.code, code, `${words.join(" ")}: ${outcome.stderr}`);
        for (const part of message) t.match(outcome.stderr, part, words.join(" "));
        t.notMatch(outcome.stderr + outcome.stdout, /\u001b/, words.join(" "));
      }
      t.match(await typed(store.database, "select ip_address from ip_inventory"), [
        { ip_address: "203.0.113.1" },
      ]);
    });

    await t.test("the answer counts what was added and changed, and names what was refused", async (t) => {
      const { store } = await withFiles(t, engine);
      const file = fileOf(
        t,
        "a\u001b[31m.csv",
        "ip,country,asn,org\n198.51.100.1,NL,64500,Example\nx\u001b[2J,NL,,\n198.51.100.2,DE,,\n",
      );
      const words = ["inventory", "import", file, "--db", store.db, "--as-of", "2026-01-05"];

      const dry = await warm([...words, "--dry-run"]);
      const json = await warm([...words, "--json"]);
      const again = await warm(words);
      const quiet = await warm([...words, "--quiet"]);

      t.match(dry, {
        code: 0,
        stdout:
          /Would import 3 rows of 1 file, 1 refused\.\n.*\n +addresses +2 +2 +0 +0\n +networks +1 +1 +0 +0\n/,
      });
      t.match(JSON.parse(json.stdout), {
        dry_run: false,
        interrupted: false,
        addresses: { rows: 2, added: 2, changed: 0, history: 0 },
        networks: { rows: 1, added: 1, changed: 0, history: 0 },
        verdicts: { rows: 0 },
        files: [
          {
            path: /a\\x1b\[31m\.csv$/,
            kind: "csv",
            rows_read: 3,
            rows_refused: 1,
            rows_empty: 0,
            refused: [{ line: 3, reason: 'it is no address: "x\\x1b[2J"' }],
            covered: 0,
          },
        ],
      });
      t.same(
        keysOf(JSON.parse(json.stdout)).filter((key) => !/^[a-z]+(_[a-z]+)*$/.test(key)),
        [],
      );
      t.match(json.stderr, /1 row of .* was refused:\n .*a\\x1b\[31m\.csv:3: it is no address: "x\\x1b\[2J"/);
      t.match(again, {
        code: 0,
        stdout: /^Nothing new\. 3 rows of 1 file, 1 refused; the inventory is as it was/,
      });
      t.equal(quiet.stderr, "");
      t.notMatch(dry.stdout + dry.stderr + json.stdout + json.stderr, /\u001b/);
    });

    await t.test("the audit log says who imported what", async (t) => {
      const { store, folder } = await withFiles(t, engine);

      await warm(["inventory", "import", join(folder, "good.csv"), "--db", store.db]);
      const audit = await warm(["audit", "list", "--table", "ip_inventory", "--db", store.db, "--json"]);

      t.match(JSON.parse(audit.stdout), {
        entries: [{ table_name: "ip_inventory", command: "inventory import" }],
      });
    });

    await t.test(
      "SIGTERM ends an import after a batch, with 143, and the same again completes it",
      async (t) => {
        const { store } = await withFiles(t, engine);
        const rows = Array.from(
          { length: isNightly ? 60_000 : 20_000 },
          (_, number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255},NL`,
        );
        const words = [
          "inventory",
          "import",
          fileOf(t, "many.csv", rows.join("\n")),
          "--db",
          store.db,
          "--json",
        ];

        const stopped = await stoppedOnce(words, async () => {
          const [found] = await typed(store.database, "select count(*) as n from ip_inventory");
          return Number(found?.["n"]) > 0;
        });
        const put = await typed(store.database, "select count(*) as n from ip_inventory");

        const said = JSON.parse(stopped.stdout) as { interrupted: boolean; addresses: { added: number } };
        t.equal(stopped.code, 143);
        t.equal(said.interrupted, true);
        t.equal(Number(put[0]?.["n"]), said.addresses.added);
        t.ok(said.addresses.added < rows.length, `${said.addresses.added} rows were put`);
      },
    );
  });
}

/** A store in which two sessions are, and a folder with the files that the cases name. */
async function withFiles(t: Test, engine: Engine): Promise<{ store: TestStore; folder: string }> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  await loadContents(store.database, [
    { name: "cowrie.json", content: logOf(["198.51.100.1", "198.51.100.2"]) },
  ]);
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-inventory-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const files: Record<string, string | Uint8Array> = {
    "empty.csv": "\n\n",
    "array.json": '[{"ip":"203.0.113.1"}]',
    "utf16.csv": Buffer.from("ip,country\n203.0.113.1,NL\n", "utf16le"),
    "cut.gz": Buffer.from("1f8b08000000000000034b4c4a4e", "hex"),
    "list.txt": "203.0.113.1\n203.0.113.0/24\n",
    "odd.csv": "203.0.113.1,what,is,this,row\n",
    "good.csv": "ip,country\n203.0.113.1,NL\n",
    "bad.csv": "ip,country\n203.0.113.2,NL\n\u001b[31mx,NL\ny,NL\nz,NL\n",
    "other.sqlite": "SQLite format 3\0 and then nothing of the kind",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return { store, folder };
}

/** Runs the program and sends it SIGTERM once `isTime` says so. */
async function stoppedOnce(
  words: readonly string[],
  isTime: () => Promise<boolean>,
): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  let isOver = false;
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      isOver = true;
      resolve(code);
    });
  });
  while (!isOver && !(await isTime())) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGTERM");
  return { code: await ended, stdout: Buffer.concat(stdout).toString("utf8") };
}

function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(keysOf);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}
