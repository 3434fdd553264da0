import type { Sqlite } from "./sqlite.ts";
import type { Postgres } from "./postgres.ts";

/** An open store of either engine. */
export type Database = Sqlite | Postgres;

/** A value that can be bound to a query on both engines. */
export type Parameter = string | number | bigint | boolean | Uint8Array | null;
