import type { Database } from "../db/database.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { jobsLastSession, jobsNextPage } from "../sql/generated.ts";
import { one } from "../sql/run.ts";
import { timesOf, type Scope } from "./jobs.ts";

/** How a long look through the store is watched and stopped. */
export interface Watch {
  stop: { readonly requested: boolean };
  onProgress?: (sessions: number) => void;
}

/** The sessions of a page: behind the first, up to the second, of those that begin in the times. */
export interface PageRange {
  after_id: number;
  up_to_id: number;
  from_at: string;
  to_at: string;
}

/**
 * Looks at the sessions of a scope in the order that jobs walk, each page in one snapshot; gives how many they are. It ends
 * however many sessions come meanwhile: it walks to the last one that there is at its begin.
 */
export async function eachPage(
  database: Database,
  scope: Pick<Scope, "from" | "to">,
  pageSize: number,
  { stop, onProgress }: Watch,
  look: (store: Database, range: PageRange) => Promise<void>,
): Promise<number> {
  const times = timesOf(scope);
  const { last_id } = await one(database, jobsLastSession, {});
  let sessions = 0;
  for (let after = 0, isLast = false; !isLast && !stop.requested;) {
    const page = await inSnapshot(database, async (store) => {
      const next = await one(store, jobsNextPage, {
        ...{ after_id: after, last_id, ...times, page_size: pageSize },
      });
      if (next.up_to_id !== null) await look(store, { after_id: after, up_to_id: next.up_to_id, ...times });
      return next;
    });
    isLast = page.up_to_id === null;
    after = page.up_to_id ?? after;
    sessions += page.session_count;
    onProgress?.(sessions);
  }
  return sessions;
}
