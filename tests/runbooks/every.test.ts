import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { readRunbook, runbookNames } from "../../src/runbook/files.ts";
import { undoOf } from "../../src/runbook/undo.ts";
import type { Outcome } from "../helpers/cli.ts";
import {
  engines,
  freshStore,
  throwAwayDatabase,
  typed,
  type Engine,
  type TestStore,
} from "../helpers/database.ts";
import { generatedLines, logOf } from "../helpers/generated-logs.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { day, say } from "../helpers/inventory.ts";
import { spoilAll } from "../helpers/jobs.ts";
import { sessionId, sessionLines } from "../helpers/lines.ts";
import { warm } from "../helpers/warm.ts";

/** A place where a runbook is walked through. */
interface Place {
  engine: Engine;
  test: Test;
  folder: string;
  db: string;
  store: TestStore | undefined;
  /** What a rehearsal has set aside to compare with. */
  kept?: unknown;
}

/** How a runbook is rehearsed, forward and through its Undo. */
interface Rehearsal {
  /** It begins without a store. */
  isWithoutStore?: boolean;
  prepare?: (place: Place) => Promise<void>;
  variables?: (place: Place) => Promise<string[]> | string[];
  /** What must hold between the two. */
  check?: (place: Place) => Promise<void>;
  /** What must hold in the end. */
  checkUndone?: (place: Place) => Promise<void>;
  /** The text by which a machine that lacks a tool is known; the run stops there. */
  stopsAt?: RegExp;
}

const backup = ({ folder }: Place): string[] => [`BACKUP=${join(folder, "backup")}`];
const version = async ({ db }: Place): Promise<unknown> =>
  (JSON.parse((await warm(["migrate", "status", "--json", "--db", db])).stdout) as Record<string, unknown>)[
    "schema_version"
  ];
const eventsOf = async ({ store }: Place): Promise<number> => {
  const [row] =
    store === undefined ? [] : await typed(store.database, "select count(*) as n from raw_events");
  return Number(row?.["n"]);
};
const recordsOf = async ({ store }: Place): Promise<unknown> =>
  store === undefined
    ? undefined
    : typed(
        store.database,
        "select session_id, occurred_at, line_digest from raw_events order by session_id, occurred_at, line_digest",
      );
const wrongSessions = async ({ store }: Place): Promise<number> =>
  store === undefined
    ? 0
    : (await typed(store.database, "select session_id from session_summaries where event_count > 1000"))
        .length;
const coverageOf = async ({ store }: Place): Promise<{ filled: number; expected: number }> => {
  const [row] =
    store === undefined
      ? []
      : await typed(store.database, "select filled, expected from snapshot_coverage where day is null");
  return { filled: Number(row?.["filled"]), expected: Number(row?.["expected"]) };
};
const spoil = async ({ store }: Place): Promise<void> => {
  if (store !== undefined) await spoilAll(store);
};

const rehearsals: Record<string, Rehearsal> = {
  "first-install": {
    isWithoutStore: true,
    variables: ({ folder }) => [`LOGS=${join(folder, "logs")}`],
    check: async ({ test, db }) => {
      test.equal((await warm(["verify", "--full", "--db", db])).code, 0);
    },
    checkUndone: async ({ test, db }) => {
      test.equal((await warm(["init", "--db", db])).code, 0, "a store can be made there again");
    },
  },
  "apply-a-migration": {
    prepare: async (place) => {
      await warm(["migrate", "down", "--confirm", String(await version(place)), "--db", place.db]);
    },
    variables: backup,
    check: async (place) => {
      place.test.equal((await warm(["verify", "--db", place.db])).code, 0, "the store is in use again");
    },
    checkUndone: async (place) => {
      const { code } = await warm(["status", "--db", place.db]);
      place.test.equal(code, 1, "the program asks for its migration");
    },
  },
  "rebuild-summaries": {
    prepare: spoil,
    check: async (place) => {
      place.test.equal(await wrongSessions(place), 0);
    },
  },
  "backfill-snapshots": {
    prepare: async ({ store }) => {
      if (store === undefined) return;
      const seen = await typed(
        store.database,
        "select distinct source_ip from session_summaries where source_ip is not null",
      );
      await say(
        store,
        seen.map((row) => ({
          ip_address: String(row["source_ip"]),
          enriched_at: day("2020-01-01"),
          country: "DE",
        })),
      );
    },
    check: async (place) => {
      const { filled, expected } = await coverageOf(place);
      place.test.ok(expected > 0 && filled === expected, `${filled} of ${expected} have a snapshot`);
    },
    checkUndone: async (place) => {
      place.test.equal((await coverageOf(place)).filled, 0, "all were taken back");
    },
  },
  "reconcile-nightly": {
    // One of the sessions: more than a few may not be repaired unseen.
    prepare: async ({ store }) => {
      if (store === undefined) return;
      await typed(
        store.database,
        "update session_summaries set event_count = event_count + 2000 where session_id in (select min(session_id) from session_summaries)",
      );
    },
    check: async (place) => {
      place.test.equal(await wrongSessions(place), 0, "repaired");
    },
    checkUndone: async (place) => {
      place.test.equal(await wrongSessions(place), 1, "the repair was taken back");
    },
  },
  "morning-after": {
    prepare: async (place) => {
      await warm(["reconcile", "--db", place.db]);
      await spoil(place);
    },
    variables: () => ["DAY=2026-01-05"],
    check: async (place) => {
      place.test.equal(await wrongSessions(place), 0);
    },
  },
  "undo-a-load": {
    prepare: async ({ folder, db }) => {
      const log = join(folder, "bad.json");
      writeFileSync(log, [900_001, 900_002].map((number) => sessionLines(sessionId(number))).join(""));
      await warm(["ingest", "bulk", log, "--db", db]);
    },
    variables: async (place) => {
      const [row] =
        place.store === undefined
          ? []
          : await typed(place.store.database, "select max(batch_id) as batch_id from ingest_batches");
      place.kept = await recordsOf(place);
      return [
        ...backup(place),
        `BATCH=${String(row?.["batch_id"])}`,
        `FILE=${join(place.folder, "bad.json")}`,
      ];
    },
    check: async ({ test, store }) => {
      const gone = await typed(
        store?.database as never,
        `select session_id from session_summaries where session_id = '${sessionId(900_001)}'`,
      );
      test.same(gone, []);
    },
    checkUndone: async (place) => {
      place.test.same(await recordsOf(place), place.kept, "every record is back, by its digest");
    },
  },
  "back-up-and-restore": {
    variables: async (place) => [...backup(place), `RESTORED=${await emptyPlace(place)}`],
    stopsAt: /pg_dump (here is of version|cannot be run)/,
  },
  "disk-full": {},
  "stuck-lock": { variables: () => ["HELD_SECONDS=300"] },
  "tuning-by-size": {},
  "grant-roles": { variables: () => ["LOGIN=somebody_else"] },
};

/** Those that need a world of their own have a file of their own. */
const elsewhere = ["hydrate-postgres", "rename-a-column"];

void t.test("every runbook is rehearsed", (t) => {
  t.same([...Object.keys(rehearsals), ...elsewhere].sort(), runbookNames());
  t.end();
});

void t.test("every runbook says what going back is, on either engine", (t) => {
  const nothing = runbookNames().flatMap((name) =>
    (["sqlite", "postgres"] as const).flatMap((dialect) => {
      const kind = undoOf(readRunbook(name), dialect);
      t.ok(kind, `${name} on ${dialect}`);
      return kind === "nothing" ? [`${name} ${dialect}`] : [];
    }),
  );
  const both = ["back-up-and-restore", "disk-full", "morning-after", "rebuild-summaries", "stuck-lock"];
  t.same(
    nothing.sort(),
    [...both.flatMap((name) => [`${name} postgres`, `${name} sqlite`]), "grant-roles sqlite"].sort(),
    "nothing is to be undone where nothing was changed, or only what the events say was written",
  );
  t.end();
});

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    for (const [name, rehearsal] of Object.entries(rehearsals)) {
      await t.test(`${name}: forward, and through its Undo`, async (test) => {
        const place = await placeOf(test, engine, rehearsal);
        await rehearsal.prepare?.(place);
        const set = (await rehearsal.variables?.(place))?.flatMap((text) => ["--set", text]) ?? [];
        const events = await eventsOf(place);

        // Forward it checks the same gates; a dry run is the program's own.
        if (engine.dialect === "sqlite") {
          const gates = await runbook(place, name, "--dry-run", ...set);
          test.equal(gates.code, 0, gates.stdout);
        }
        const forward = await runbook(place, name, "--yes", ...set);
        if (rehearsal.stopsAt?.test(forward.stderr) === true) {
          test.equal(forward.code, 24, "a tool is missing: it stops and says so");
          return;
        }
        test.equal(forward.code, 0, forward.stdout);
        await rehearsal.check?.(place);
        if (name !== "undo-a-load" && rehearsal.isWithoutStore !== true)
          test.equal(await eventsOf(place), events, "no event is lost");
        const undo = await runbook(place, name, "--undo", "--yes", "--json");
        test.equal(undo.code, 0, undo.stdout);
        const { steps } = JSON.parse(undo.stdout) as { steps: { kind: string; outcome: string }[] };
        const isTaken = steps.some(({ kind, outcome }) => kind !== "person" && outcome === "done");
        const isNothing = undoOf(readRunbook(name), engine.dialect) === "nothing";
        test.ok(isTaken || isNothing, "a step was taken, or the page says that there is none");
        await rehearsal.checkUndone?.(place);
      });
    }
  });
}

async function runbook({ db }: Place, name: string, ...words: string[]): Promise<Outcome> {
  return warm(["runbook", "run", name, ...words, "--db", db]);
}

/** A folder with logs in it, and a store that holds them, or a place for one. */
async function placeOf(test: Test, engine: Engine, { isWithoutStore }: Rehearsal): Promise<Place> {
  const folder = test.testdir({});
  mkdirSync(join(folder, "logs"));
  const log = join(folder, "logs", "cowrie.json");
  writeFileSync(log, logOf(generatedLines(400, 11, 60)));
  const place = { engine, test, folder, db: "", store: undefined };
  if (isWithoutStore === true) {
    writeFileSync(
      log,
      Array.from({ length: 50 }, (_, number) => sessionLines(sessionId(number + 1))).join(""),
    );
    return { ...place, db: engine.dialect === "sqlite" ? join(folder, "store") : await emptyPlace(place) };
  }
  const store = await freshStore(engine);
  test.teardown(store.dispose);
  await loadInProcess(store.database, log, readFileSync(log), [200]);
  return { ...place, db: store.db, store };
}

/** Where a store can be made: a file, or an empty database that is dropped in the end. */
async function emptyPlace({ engine, test, folder }: Omit<Place, "db">): Promise<string> {
  if (engine.dialect === "sqlite") return join(folder, "restored");
  const { url, drop } = await throwAwayDatabase(engine.url ?? "");
  test.teardown(drop);
  return url;
}
