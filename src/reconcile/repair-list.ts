import type { Database } from "../db/database.ts";
import { reconcileRepairPage } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import type { Run } from "./run.ts";

/** Whether to repair, and how much. */
export interface RepairOptions {
  repair?: boolean;
  /** Sessions to repair at most; else the settings say. */
  maxRepair?: number | undefined;
  stop?: { requested: boolean };
}

/** Sessions that `page` gives at a time. */
export const sessionsOfPage = 500;

/** The next sessions that a run has found and a repair may mend. */
export async function page(
  database: Database,
  run: Run,
  after: string | undefined,
): Promise<{ session_id: string; is_repaired: number }[]> {
  return many(database, reconcileRepairPage, {
    ...{ run_id: run.row.run_id, after: after ?? "", is_first: after === undefined ? 1 : 0 },
    row_limit: sessionsOfPage,
  });
}
