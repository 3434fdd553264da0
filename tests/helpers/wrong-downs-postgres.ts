import type { WrongDown } from "./wrong-downs.ts";

/** A down file of PostgreSQL that does one thing too many. */
function alsoDoes(name: string, wrong: string, says: RegExp): WrongDown {
  const up = "alter table tags add column extra text;";
  return { name, up, down: `alter table tags drop column extra; ${wrong};`, says };
}

/** What PostgreSQL alone can do, or does otherwise. */
export const ofPostgres: readonly WrongDown[] = [
  alsoDoes(
    "forgets a default",
    "alter table tags alter column label drop default",
    /tags\.label: default was .*none.* is nothing/,
  ),
  alsoDoes(
    "sets another default",
    "alter table tags alter column weight set default 2",
    /tags\.weight: default was 1, is 2/,
  ),
  alsoDoes(
    "forgets NOT NULL",
    "alter table tags alter column label drop not null",
    /tags\.label: null was not allowed/,
  ),
  alsoDoes(
    "takes another collation",
    "alter table tags drop constraint ck_tags_label; drop policy own_tags on tags; alter table tags alter column label type text collate \"POSIX\"; alter table tags add constraint ck_tags_label check (label <> 'x'); create policy own_tags on tags for select using (label <> 'hidden')",
    /tags\.label: collation was C, is POSIX/,
  ),
  alsoDoes("forgets a check", "alter table tags drop constraint ck_tags_label", /ck_tags_label is gone/),
  alsoDoes(
    "makes another check",
    "alter table tags drop constraint ck_tags_label, add constraint ck_tags_label check (label <> 'y') not valid",
    /ck_tags_label: definition/,
  ),
  alsoDoes(
    "leaves a check that is not valid",
    "alter table tags drop constraint ck_tags_label, add constraint ck_tags_label check (label <> 'x') not valid",
    /ck_tags_label: definition .* NOT VALID/,
  ),
  alsoDoes(
    "forgets a unique constraint",
    "alter table tags drop constraint uq_tags_color",
    /uq_tags_color is gone/,
  ),
  alsoDoes(
    "changes the order of columns",
    "alter table tags add column color_anew text; update tags set color_anew = color; alter table tags drop column color; alter table tags rename column color_anew to color; alter table tags add constraint uq_tags_color unique (color)",
    /tags\.color: position was 3, is 5/,
  ),
  alsoDoes(
    "gives a column another type",
    "alter table orders alter column amount type bigint",
    /orders\.amount: type was integer, is bigint/,
  ),
  alsoDoes(
    "leaves a table unlogged",
    "alter table tags set unlogged",
    /tags: persistence was nothing, is unlogged/,
  ),
  alsoDoes("forgets the primary key", "alter table tags drop constraint pk_tags", /pk_tags is gone/),
  alsoDoes(
    "gives a foreign key another action",
    "alter table orders drop constraint fk_orders_customer, add constraint fk_orders_customer foreign key (customer_id) references customers on delete restrict",
    /fk_orders_customer: definition was .*CASCADE, is .*RESTRICT/,
  ),
  alsoDoes(
    "lets a foreign key be deferred",
    "alter table orders alter constraint fk_orders_customer deferrable",
    /fk_orders_customer: definition .*DEFERRABLE/,
  ),
  alsoDoes(
    "forgets a trigger",
    "drop trigger tr_orders on orders",
    /trigger public\.orders\.tr_orders is gone/,
  ),
  alsoDoes(
    "leaves a trigger disabled",
    "alter table orders disable trigger tr_orders",
    /tr_orders: enabled was nothing, is no/,
  ),
  alsoDoes(
    "makes a trigger of another event",
    "drop trigger tr_orders on orders; create trigger tr_orders after update on orders for each row execute function note_gone()",
    /tr_orders: definition/,
  ),
  alsoDoes(
    "gives a function another body",
    "create or replace function twice(number integer) returns integer language sql immutable as 'select number * 3'",
    /twice\(number integer\): definition/,
  ),
  alsoDoes(
    "gives a function another volatility",
    "alter function twice volatile",
    /twice\(number integer\): definition/,
  ),
  alsoDoes(
    "leaves another function of the name",
    "create function twice(number bigint) returns bigint language sql as 'select number'",
    /twice\(number bigint\) is left over/,
  ),
  alsoDoes(
    "lets numbers be given again",
    "alter sequence customers_customer_id_seq restart",
    /sequence public\.customers_customer_id_seq would give 1 next/,
  ),
  alsoDoes(
    "leaves another step of a sequence",
    "alter sequence customers_customer_id_seq increment by 10",
    /customers_customer_id_seq: increment was 1, is 10/,
  ),
  alsoDoes(
    "makes an identity strict",
    "alter table customers alter column customer_id set generated always",
    /customers\.customer_id: identity was by default, is always/,
  ),
  alsoDoes("forgets a grant", "revoke select on tags from public", /tags: privileges was public select/),
  alsoDoes(
    "leaves a grant",
    "grant execute on function note_gone to pg_monitor",
    /note_gone\(\): privileges/,
  ),
  alsoDoes("gives a table another owner", "alter table tags owner to pg_monitor", /tags: owner was/),
  alsoDoes("forgets a comment", "comment on table tags is null", /comment table public\.tags is gone/),
  alsoDoes(
    "leaves a value of an enum",
    "alter type mood add value 'new'",
    /mood: values was calm, cross, is calm, cross, new/,
  ),
  alsoDoes(
    "forgets the check of a domain",
    "alter domain share drop constraint share_check",
    /share\.share_check is gone/,
  ),
  alsoDoes(
    "leaves row security on",
    "alter table tags enable row level security",
    /tags: row security was nothing, is on/,
  ),
  alsoDoes(
    "makes another policy",
    "drop policy own_tags on tags; create policy own_tags on tags for select using (true)",
    /own_tags: using was/,
  ),
  alsoDoes(
    "leaves autovacuum off",
    "alter table tags set (autovacuum_enabled = off)",
    /tags: options was nothing, is \{autovacuum_enabled=off\}/,
  ),
  alsoDoes(
    "leaves extended statistics",
    "create statistics more on label, color from tags",
    /statistics public\.more is left over/,
  ),
  alsoDoes(
    "leaves a materialized view empty",
    "refresh materialized view counts with no data",
    /counts: populated was nothing, is no/,
  ),
  alsoDoes(
    "leaves a replica identity",
    "alter table tags replica identity full",
    /tags: replica identity was nothing, is f/,
  ),
  alsoDoes("leaves a schema", "create schema more", /schema more is left over/),
  alsoDoes(
    "leaves a rule",
    "create rule quiet as on delete to tags do instead nothing",
    /quiet is left over/,
  ),
  alsoDoes(
    "leaves default privileges",
    "alter default privileges in schema public grant select on tables to public",
    /default privileges .* is left over/,
  ),
  alsoDoes(
    "leaves a publication",
    "create publication cowriedb_test_more for table tags",
    /publication cowriedb_test_more is left over/,
  ),
  alsoDoes(
    "leaves an operator",
    "create operator === (leftarg = integer, rightarg = integer, function = int4eq)",
    /operator public\.===\(integer,integer\) is left over/,
  ),
];
