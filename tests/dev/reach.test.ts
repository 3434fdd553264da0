import t, { type Test } from "tap";
import { contentsOf, type Contents } from "../helpers/contents.ts";
import { startCoverage, type Coverage } from "../helpers/coverage.ts";
import {
  engines,
  freshStore,
  onServer,
  templateName,
  typed,
  type Engine,
  type TestStore,
} from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { openPlain, outcomeOf } from "../helpers/plain.ts";
import { ownServer } from "../helpers/servers.ts";

const lines = generatedLines(60, 3, 8);

/** A routine that asks what its last statement did, with branches that nobody takes. */
const branching = {
  sqlite: `
    create table by_hand (n integer);
    create trigger tr_branching before insert on by_hand begin
      select case when new.n = 1 then raise(ignore) end;
      select raise(abort, 'late; ') where exists (select 1 from by_hand);
      delete from by_hand;
    end`,
  postgres: `
    create function cowrie.branching(p_n integer) returns text language plpgsql as $$
    declare
      v_rows integer;
    begin
      perform from cowrie.settings;
      if not found then
        return 'none';
      end if;
      update cowrie.settings set value = value;
      get diagnostics v_rows = row_count;
      <<rounds>>
      loop
        exit rounds when p_n > 0;
      end loop;
      case
        when p_n = 1 then
          return (v_rows > 1)::text;
        else
          null;
      end case;
      begin
        perform 1 / (p_n - 2);
      exception
        when division_by_zero then
          return 'caught';
      end;
      return 'late';
    end
    $$`,
};
/** How it is called, and what of it no call reaches. */
const calls = {
  sqlite: ["insert into by_hand values (1)"],
  postgres: ["select branching(1)", "select branching(2)"],
};
const never = {
  sqlite: ["tr_branching", ["select raise ( abort", "delete from by_hand"]],
  postgres: ["branching(integer)", ["return 'none'", "return 'late'"]],
} as const;

for (const engine of engines()) {
  void t.test(`routines that note their statements do what they did (${engine.name})`, async (t) => {
    const { dialect } = engine;
    const coverage = startCoverage();
    t.teardown(coverage.remove);
    const { plain, noting } = await storesOf(t, engine, coverage);

    const [expected, found] = [await lifeOf(plain), await lifeOf(noting)];
    const { table, problems } = coverage.report();

    t.same(found, expected);
    t.equal(expected.outcomes[0], "WR014");
    // What is refused is taken back, and the note is not.
    t.same(missed(table, /^t._raw_events_before_update/), dialect === "sqlite" ? [] : ["return new"]);
    t.ok(missed(table, /^(tr_)?undo_repair/).length > 4, "what nobody has called");
    const [name, texts] = never[dialect];
    const unreached = missed(table, new RegExp(`^${name.replace(/\W/g, "\\$&")}$`));
    t.same(
      unreached.map((text, index) => text.slice(0, texts[index]?.length)),
      texts,
    );
    t.match(problems, [/statements of routines were reached, less than 90 %/]);
  });
}

/** A store as others have it, and one whose routines note their statements; both have the made-up routine. */
async function storesOf(
  t: Test,
  engine: Engine,
  coverage: Coverage,
): Promise<{ plain: TestStore; noting: TestStore }> {
  if (engine.dialect === "sqlite") {
    const plain = await freshStore(engine);
    t.teardown(plain.dispose);
    Object.assign(process.env, { COWRIEDB_REACHED: coverage.env["COWRIEDB_REACHED"] });
    await import("../helpers/reached-sqlite.ts");
    const noting = await freshStore(engine);
    t.teardown(noting.dispose);
    for (const { database } of [plain, noting])
      if (database.dialect === "sqlite") database.handle.exec(branching.sqlite);
    coverage.coverFile(noting.db);
    return { plain, noting };
  }
  const { server, engine: own } = await ownServer(engine, coverage.server());
  t.teardown(server.stop);
  const template = new URL(server.url);
  template.pathname = `/${templateName}`;
  await onServer(template.href, async (sql) => sql.unsafe(branching.postgres));
  const plain = await freshStore(own);
  await coverage.coverServer(server);
  const noting = await freshStore(own);
  for (const { dispose } of [plain, noting]) t.teardown(dispose);
  return { plain, noting };
}

/** What a store becomes of a load, two refusals and the made-up routine. */
async function lifeOf(store: TestStore): Promise<{ outcomes: unknown[]; contents: Contents }> {
  await loadInProcess(store.database, "cowrie.json", logOf(lines), [25]);
  const plain = openPlain(store);
  const outcomes: unknown[] = [];
  for (const edit of ["update ~raw_events set flags = 7", "delete from ~batch_evidence"])
    outcomes.push(await outcomeOf(plain, [edit]));
  await plain.close();
  for (const call of calls[store.database.dialect]) outcomes.push(await typed(store.database, call));
  return { outcomes, contents: await contentsOf(store.database) };
}

/** What of a routine was never reached, by the table. */
function missed(table: string, name: RegExp): string[] {
  const line = table
    .split("\n")
    .map((row) => row.split("\t"))
    .find(([, routine = ""]) => name.test(routine));
  if (line === undefined) throw new Error(`the table has no ${String(name)}`);
  return (line[4] ?? "")
    .split(" | ")
    .filter((text) => text !== "")
    .map((text) => text.replace(/^\d+: /, ""));
}
