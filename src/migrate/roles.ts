import type { Database } from "../db/database.ts";
import { ledgerRoleDifferences } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { schemaStatus } from "./migrate.ts";

/** A privilege that a role lacks or should not have. */
export interface RoleDifference {
  role_name: string;
  object_kind: string;
  object_name: string;
  privilege: string;
  difference: string;
}

/** Where a role of a store may do more or less than it should; one that is missing has one row. */
export async function roleDifferences(database: Database): Promise<RoleDifference[]> {
  const status = await schemaStatus(database);
  // The view that knows comes with the other procedures.
  const isCurrent = [...status.migrations, ...status.procedures].every(({ state }) => state === "applied");
  return isCurrent ? many(database, ledgerRoleDifferences, {}) : [];
}
