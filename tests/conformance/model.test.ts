import { readFileSync } from "node:fs";
import DatabaseHandle from "better-sqlite3";
import t from "tap";
import type postgres from "postgres";
import { modelOf, type Model } from "../../src/dev/model.ts";
import { parityProblems, readAllowed } from "../../src/dev/parity.ts";
import { schemaModel, type SchemaModelRow } from "../../src/sql/generated.ts";
import { engines, freshStore } from "../helpers/database.ts";

const schema = readFileSync("migrations/schema.sqlite.sql", "utf8");

/** The model of a SQLite schema that is given as text. */
function modelOfText(text: string): Model {
  const handle = new DatabaseHandle(":memory:");
  try {
    handle.exec(text);
    return modelOf("sqlite", handle.prepare(schemaModel.sqlite).all({ of_store: 1 }) as SchemaModelRow[]);
  } finally {
    handle.close();
  }
}

async function modelOfServer(sql: postgres.Sql): Promise<Model> {
  return modelOf("postgres", [
    ...(await sql.unsafe(schemaModel.postgres, [1])),
  ] as unknown as SchemaModelRow[]);
}

/** A change of one dialect alone: what is replaced in the schema of SQLite, and what must be said. */
const inSqlite: readonly [name: string, from: RegExp | string, to: string, says: RegExp][] = [
  [
    "a column more",
    "  registry text,",
    "  registry text, rank integer,",
    /column asn_inventory\.rank: there is yes in sqlite, - /,
  ],
  ["a column less", "  registry text,", "", /column asn_inventory\.registry: there is - in sqlite, yes /],
  [
    "NOT NULL more",
    "  registry text,",
    "  registry text not null,",
    /asn_inventory\.registry: null is not allowed in sqlite/,
  ],
  [
    "NOT NULL less",
    "  class text not null constraint fk_drift",
    "  class text constraint fk_drift",
    /drift_columns\.class: null is allowed in sqlite/,
  ],
  [
    "another default",
    /batch_size integer not null default 1000/,
    "batch_size integer not null default 500",
    /jobs\.batch_size: default is 500 in sqlite, 1000/,
  ],
  [
    "no default",
    "attempts integer not null default 0",
    "attempts integer not null",
    /dead_letter_events\.attempts: default is - in sqlite/,
  ],
  [
    "a default of another kind",
    "copied_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))",
    "copied_at text not null default ''",
    /copied_at: default is '' in sqlite, now/,
  ],
  [
    "another type",
    "  line_count integer not null",
    "  line_count text not null",
    /batch_evidence\.line_count: type is text in sqlite, number/,
  ],
  [
    "a check less",
    /constraint ck_batch_evidence_codec_known\s+check \(codec = 'gzip'\)/,
    "",
    /check batch_evidence\.ck_batch_evidence_codec_known: there is - in sqlite/,
  ],
  [
    "a check that lets more in",
    "check (risk_score between 0 and 100)",
    "check (risk_score between 0 and 1000)",
    /expression is risk_score between 0 and 1000 in sqlite/,
  ],
  [
    "a check of other words",
    "check (repair in ('rebuild', 'report', 'none'))",
    "check (repair in ('rebuild', 'none'))",
    /ck_drift_classes_repair_known: expression/,
  ],
  [
    "a foreign key less",
    /constraint fk_drift_columns_class_drift_classes\s+references drift_classes \(class\)/,
    "",
    /reference drift_columns\(class\): there is - in sqlite/,
  ],
  [
    "another action of a foreign key",
    /(constraint fk_drift_columns_class_drift_classes\s+references drift_classes \(class\))/,
    "$1 on delete cascade",
    /drift_columns\(class\): on delete is cascade in sqlite, no action/,
  ],
  [
    "a unique constraint less",
    " constraint uq_ingest_batches_chain_position unique",
    "",
    /unique ingest_batches\(chain_position\): there is - in sqlite/,
  ],
  [
    "the columns of a key swapped",
    "primary key (table_name, column_name)",
    "primary key (column_name, table_name)",
    /key drift_columns: columns is column_name, table_name in sqlite/,
  ],
  [
    "another generated expression",
    "when inputs > 0 then inputs",
    "when inputs >= 0 then inputs",
    /command_stats\.occurrences: generated/,
  ],
  [
    "an index less",
    /CREATE INDEX ix_ingest_batches_source_id [^;]*;/i,
    "",
    /index ix_ingest_batches_source_id: there is - in sqlite/,
  ],
  [
    "an index of fewer columns",
    /(CREATE INDEX ix_ingest_batches_source_id on ingest_batches \(\s*source_id),\s*end_offset/i,
    "$1",
    /ix_ingest_batches_source_id: columns is source_id in sqlite/,
  ],
  [
    "an index of all rows",
    /(CREATE INDEX ix_ingest_batches_unsealed[^;]*\))\s*where sealed_at is null/i,
    "$1",
    /ix_ingest_batches_unsealed: predicate is - in sqlite/,
  ],
  [
    "a trigger less",
    /CREATE TRIGGER tr_settings_after_update[\s\S]*?\nend;/,
    "",
    /trigger settings after update: there is - in sqlite/,
  ],
  ["a view less", /CREATE VIEW country_days [\s\S]*?;\n/i, "", /view country_days: there is - in sqlite/],
];

/** A change of a server, and what must be said. */
const inPostgres: readonly [name: string, change: string, says: RegExp][] = [
  [
    "a column more",
    "alter table asn_inventory add column rank integer",
    /column asn_inventory\.rank: there is - in sqlite, yes /,
  ],
  [
    "a column of another name",
    "alter table asn_inventory rename column registry to register",
    /asn_inventory\.regist\w+: there/,
  ],
  [
    "NOT NULL more",
    "alter table asn_inventory alter column registry set not null",
    /registry: null is allowed in sqlite, not allowed/,
  ],
  [
    "NOT NULL less",
    "alter table drift_columns alter column class drop not null",
    /drift_columns\.class: null is not allowed in sqlite, allowed/,
  ],
  [
    "another default",
    "alter table jobs alter column batch_size set default 500",
    /jobs\.batch_size: default is 1000 in sqlite, 500/,
  ],
  [
    "no default",
    "alter table jobs alter column batch_size drop default",
    /jobs\.batch_size: default is 1000 in sqlite, - /,
  ],
  [
    "no identity",
    "alter table jobs alter column job_id drop identity",
    /jobs\.job_id: default is next number in sqlite/,
  ],
  [
    "another type",
    "alter table runbook_runs alter column actor type bytea using null",
    /runbook_runs\.actor: type is text in sqlite, bytes/,
  ],
  [
    "a check less",
    "alter table batch_evidence drop constraint ck_batch_evidence_codec_known",
    /ck_batch_evidence_codec_known: there is yes in sqlite, - /,
  ],
  [
    "a check that lets more in",
    "alter table command_scores drop constraint ck_command_scores_risk_score_range, add constraint ck_command_scores_risk_score_range check (risk_score between 0 and 1000)",
    /risk_score between 0 and 1000 in postgres/,
  ],
  [
    "a foreign key less",
    "alter table drift_columns drop constraint fk_drift_columns_class_drift_classes",
    /reference drift_columns\(class\): there is yes in sqlite, - /,
  ],
  [
    "another action of a foreign key",
    "alter table drift_columns drop constraint fk_drift_columns_class_drift_classes, add constraint fk_drift_columns_class_drift_classes foreign key (class) references drift_classes on delete set null",
    /on delete is no action in sqlite, set null/,
  ],
  [
    "a foreign key that is checked later",
    "alter table drift_columns alter constraint fk_drift_columns_class_drift_classes deferrable initially deferred",
    /drift_columns\(class\): deferred is no in sqlite, yes/,
  ],
  [
    "a unique constraint less",
    "alter table ingest_batches drop constraint uq_ingest_batches_chain_position",
    /unique ingest_batches\(chain_position\): there is yes in sqlite/,
  ],
  [
    "a key less",
    "alter table drift_columns drop constraint pk_drift_columns",
    /key drift_columns: there is yes in sqlite/,
  ],
  [
    "a column that is generated no more",
    "alter table command_stats alter column occurrences drop expression",
    /command_stats\.occurrences: generated is .* in sqlite, - /,
  ],
  [
    "an index less",
    "drop index ix_ingest_batches_source_id",
    /index ix_ingest_batches_source_id: there is yes in sqlite/,
  ],
  [
    "an index that is unique",
    "drop index ix_ingest_batches_event_times; create unique index ix_ingest_batches_event_times on ingest_batches (first_event_at, last_event_at)",
    /ix_ingest_batches_event_times: unique is no in sqlite, yes/,
  ],
  [
    "an index of fewer rows",
    "drop index ix_ingest_batches_event_times; create index ix_ingest_batches_event_times on ingest_batches (first_event_at, last_event_at) where undone_at is null",
    /ix_ingest_batches_event_times: predicate is - in sqlite, undone_at is null/,
  ],
  [
    "a trigger less",
    "drop trigger tr_settings_after_update on settings",
    /trigger settings after update: there is yes in sqlite/,
  ],
  [
    "a trigger that is disabled",
    "alter table settings disable trigger tr_settings_after_update",
    /settings after update: enabled is yes in sqlite, no/,
  ],
  [
    "a trigger less that SQLite never had",
    "drop trigger tr_audit_log_before_truncate on audit_log",
    /allows what is not there: trigger\taudit_log before truncate/,
  ],
  ["a table more", "create table more (id bigint)", /table more: there is - in sqlite, yes/],
  [
    "a routine more",
    "create function more(number bigint) returns bigint language sql as 'select number'",
    /procedure more: there is - in sqlite, yes/,
  ],
  ["a view more", "create view more as select 1 as one", /view more: there is - in sqlite, yes/],
];

const whole = modelOfText(schema);

void t.test("each line of dialect-differences.tsv has a reason, and is there once, in order", async (t) => {
  const lines = readFileSync("migrations/dialect-differences.tsv", "utf8").trimEnd().split("\n").slice(1);

  t.same(lines, [...new Set(lines)].sort());
  t.same(
    readAllowed().filter(({ reason }) => reason.length < 10),
    [],
  );
});

const servers = engines().filter(({ dialect }) => dialect === "postgres");
for (const [place, engine] of servers.entries()) {
  void t.test(`SQLite and ${engine.name} mean the same; what one alone changes is reported`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    if (store.database.dialect !== "postgres") return;
    const { sql } = store.database;
    const server = await modelOfServer(sql);

    t.same(parityProblems(whole, server), []);
    t.ok(whole.size > 1_500, `${whole.size} facts`);
    // To a change of SQLite all servers are alike.
    for (const [name, from, to, says] of place === 0 ? inSqlite : []) {
      const changed = schema.replace(from, to);
      t.ok(changed !== schema, `sqlite, ${name}: the schema is another`);
      t.match(parityProblems(modelOfText(changed), server).join("\n"), says, `sqlite: ${name}`);
    }
    for (const [name, change, says] of inPostgres) {
      const undone = new Error("undone");
      let problems: string[] = [];
      await sql
        .begin(async (connection) => {
          await connection.unsafe(change);
          problems = parityProblems(whole, await modelOfServer(connection as unknown as postgres.Sql));
          throw undone;
        })
        .catch((error: unknown) => {
          if (error !== undone) throw error;
        });
      t.match(problems.join("\n"), says, `postgres: ${name}`);
    }
  });
}
