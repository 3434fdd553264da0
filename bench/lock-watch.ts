import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";

/** What was seen of a lock. */
export interface Seen {
  /** The longest time for which it was there. */
  held_ms: number;
  /** The longest time for which somebody else waited who wants what it stops. */
  waited_ms: number;
}

/** Somebody who looks on until told to end. */
export interface Watch {
  end(): Promise<Seen>;
}

/** The weakest lock that a mode stops. */
const stopped: Record<string, string> = {
  "ACCESS EXCLUSIVE": "access share",
  EXCLUSIVE: "row exclusive",
  "SHARE ROW EXCLUSIVE": "row exclusive",
  SHARE: "row exclusive",
  "SHARE UPDATE EXCLUSIVE": "share update exclusive",
  "ROW EXCLUSIVE": "share",
};

/** Reads pg_locks again and again, and on another connection asks for the weakest lock that this one stops. */
export async function postgresWatch(url: string, table: string, mode: string): Promise<Watch> {
  const sampler = postgres(url, { max: 1, onnotice: () => undefined });
  const asker = postgres(url, { max: 1, onnotice: () => undefined });
  const own = [await pidOf(sampler), await pidOf(asker)];
  const held = longest();
  let waited = 0;
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      const found = await sampler`
        select from pg_locks
        where relation = ${table}::regclass and granted and pid <> all (${own})
          and mode = ${modeName(mode)}`;
      held.note(found.length > 0);
      await pause(2);
    }
  })();
  const asking = (async () => {
    while (!isOver) {
      const began = performance.now();
      await asker.unsafe(`begin; lock table ${table} in ${stopped[mode] ?? "access share"} mode; commit`);
      waited = Math.max(waited, performance.now() - began);
      await pause(5);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await Promise.all([sampling, asking]);
      await Promise.all([sampler.end(), asker.end()]);
      return { held_ms: held.most(), waited_ms: waited };
    },
  };
}

/** `SHARE ROW EXCLUSIVE` as pg_locks has it: ShareRowExclusiveLock. */
function modeName(mode: string): string {
  return `${mode.replaceAll(/(\w)(\w*) ?/g, (_, first: string, rest: string) => first + rest.toLowerCase())}Lock`;
}

async function pidOf(sql: postgres.Sql): Promise<number> {
  return (await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid ?? 0;
}

/** Asks for the write lock of a file again and again, which it does not wait for. */
export function sqliteWatch(path: string): Watch {
  const handle = new DatabaseHandle(path, { timeout: 0 });
  const held = longest();
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      held.note(isBusy(handle));
      await pause(1);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await asking;
      handle.close();
      return { held_ms: held.most(), waited_ms: held.most() };
    },
  };
}

function isBusy(handle: DatabaseHandle.Database): boolean {
  try {
    handle.exec("begin immediate; rollback");
    return false;
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_BUSY") return true;
    throw error;
  }
}

/** The longest time for which something was so, at every look. */
function longest(): { note(is: boolean): void; most(): number } {
  let began: number | undefined;
  let most = 0;
  return {
    note: (is) => {
      const now = performance.now();
      if (!is) began = undefined;
      else {
        began ??= now;
        most = Math.max(most, now - began);
      }
    },
    most: () => most,
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
