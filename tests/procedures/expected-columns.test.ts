import { readFileSync } from "node:fs";
import t from "tap";
import { packageFolder } from "../../src/migrate/files/files.ts";

for (const dialect of ["sqlite", "postgres"]) {
  void t.test(`expected_event_columns has the expressions of the generated columns (${dialect})`, (test) => {
    const read = (path: string): string =>
      readFileSync(`${packageFolder}${path}`, "utf8")
        .replaceAll(/^\s*--.*$/gm, "")
        .replaceAll(/\s+/g, " ");
    const migration = read(`migrations/${dialect}/0002_raw_events_create.up.sql`);
    const view = read(`procedures/${dialect}/views/expected_event_columns.sql`);

    const generated = generatedColumns(migration).filter(([, expression]) => expression.includes("payload"));

    test.equal(generated.length, 12, "columns that come from the payload");
    for (const [name, expression] of generated)
      test.ok(view.includes(`${expression} as ${name}`), `${name}: ${expression.slice(0, 60)}`);
    test.end();
  });
}

/** Names and expressions of the stored generated columns of a migration without line breaks. */
function generatedColumns(text: string): [name: string, expression: string][] {
  const columns = text.matchAll(
    /(\w+) (?:text|integer|bigint)(?: collate "C")?(?: not null)? generated always as \( /g,
  );
  return [...columns].flatMap((match): [string, string][] => {
    const start = match.index + match[0].length;
    const end = text.indexOf(" ) stored", start);
    const isVirtual = text.slice(start, end).includes("generated always as");
    return isVirtual ? [] : [[match[1] ?? "", text.slice(start, end)]];
  });
}
