import t from "tap";
import { hydrate } from "../../src/hydrate/hydrate.ts";
import type { HydrateOptions, HydrateResult } from "../../src/hydrate/run.ts";
import { tablesToCopy } from "../../src/hydrate/rows/tables.ts";
import { cowriedb } from "../helpers/cli.ts";
import { engines, typed } from "../helpers/database.ts";
import { emptyDatabase, filledSource, freshTarget, opened } from "../helpers/hydrations.ts";
import { openPlain, outcomeOf } from "../helpers/plain.ts";

const servers = engines().filter(({ dialect }) => dialect === "postgres");

for (const engine of servers) {
  await t.test(
    `while a store is copied into, every table refuses whoever else writes (${engine.name})`,
    async (t) => {
      const source = await filledSource(t, 200);
      const to = await freshTarget(t, engine);
      const target = await opened(t, to);
      const plain = openPlain({ ...source, target: { dialect: "postgres", url: to, shown: to } });
      t.teardown(async () => plain.close());
      const tables = (await tablesToCopy(source.database, target)).map(({ name }) => name);
      const refusals = async (): Promise<string[]> => {
        const found: string[] = [];
        for (const table of tables)
          for (const text of [
            ...[
              `delete from ~${table}`,
              `insert into ~${table} default values`,
              `truncate ~${table} cascade`,
            ],
          ])
            found.push(`${table} ${await outcomeOf(plain, [text])}`);
        return found.filter((outcome) => !outcome.endsWith("WR056"));
      };
      const stop = { requested: false };
      const copy = async (onPart: () => Promise<void> | void): Promise<HydrateResult> => {
        const options: HydrateOptions = {
          ...{
            workers: 2,
            cutover: false,
            lost: "",
            resume: false,
            url: to,
            actor: "a test",
            worker: "a test",
          },
          ...{ toolVersion: "1", schemaVersion: "1", stop, proof: null },
          onProgress: ({ phase, current }) => {
            if (phase === "loading" && current === 3) void onPart();
          },
        };
        return hydrate(source.database, target, options);
      };

      const stopped = await copy(() => void (stop.requested = true));
      t.match(stopped, { state: "hydrating", interrupted: true });
      t.same(await refusals(), [], "also when the run has stopped");

      stop.requested = false;
      t.match(await copy(() => undefined), { state: "copied", interrupted: false });
      const [{ n } = {}] = await typed(
        target,
        "select count(*) as n from pg_trigger where tgname = 'tr_hydration_refuse'",
      );
      t.equal(n, 0, "what refuses has gone with the copy");
      t.ok((await refusals()).length > 0);
    },
  );

  await t.test(`--verify-only makes no store of an empty database (${engine.name})`, async (t) => {
    const source = await filledSource(t, 200);
    const to = await emptyDatabase(t, engine);

    const { code, stdout } = await cowriedb([
      ...["hydrate", "--verify-only", "--from", source.db, "--to", to, "--json"],
    ]);

    t.equal(code, 1);
    t.match(JSON.parse(stdout), { error: { message: /holds no cowriedb store/ } });
    const schemas = "select nspname from pg_namespace where nspname = 'cowrie'";
    t.same(await typed(await opened(t, to), schemas), []);
  });
}
