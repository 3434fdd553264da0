import DatabaseHandle from "better-sqlite3";
import postgres from "postgres";

const runs = 21;

const week = `first_event_at >= '2025-06-02T00:00:00.000000Z' and first_event_at < '2025-06-09T00:00:00.000000Z'`;

/** What is asked of the sessions of one country and kind, from the index of the snapshots alone and as the inventory says now. */
const questions = [
  {
    what: "country and kind",
    byIndex: `select count(*) as sessions from session_summaries
      where snapshot_country = 'AA' and snapshot_ip_type = 'RESIDENTIAL'`,
    byJoin: () => `select count(*) as sessions from session_summaries as s
      join ip_inventory as i on i.ip_address = s.source_ip
      where i.geo_country = 'AA' and i.ip_type = 'RESIDENTIAL'`,
  },
  {
    what: "the same in one week",
    byIndex: `select count(*) as sessions from session_summaries
      where snapshot_country = 'AA' and snapshot_ip_type = 'RESIDENTIAL' and ${week}`,
    byJoin: () => `select count(*) as sessions from session_summaries as s
      join ip_inventory as i on i.ip_address = s.source_ip
      where i.geo_country = 'AA' and i.ip_type = 'RESIDENTIAL' and ${week}`,
  },
  {
    what: "the same by day",
    byIndex: `select day, sessions from country_days
      where snapshot_country = 'AA' and snapshot_ip_type = 'RESIDENTIAL' order by day`,
    byJoin: (day: string) => `select ${day} as day, count(*) as sessions
      from session_summaries as s join ip_inventory as i on i.ip_address = s.source_ip
      where i.geo_country = 'AA' and i.ip_type = 'RESIDENTIAL' group by 1 order by 1`,
  },
];

/**
 * Lines that say how long the sessions of one country and kind take to count, by the index of the snapshots and by a join with
 * the inventory, on a store whose snapshots are filled: medians in this process, warm. Throws where the two differ.
 */
export async function countryFilter(store: string): Promise<string> {
  const isServer = /^postgres(ql)?:/.test(store);
  const day = isServer
    ? "to_char(s.first_event_at at time zone 'UTC', 'YYYY-MM-DD')"
    : "substr(s.first_event_at, 1, 10)";
  const { ask, close } = isServer ? ofServer(store) : ofFile(store);
  try {
    const lines: string[] = [];
    for (const { what, byIndex, byJoin } of questions) {
      const [index, join] = [await median(ask, byIndex), await median(ask, byJoin(day))];
      if (index.answer !== join.answer)
        throw new Error(`${what}: the index and the join do not say the same.`);
      const [fast, slow] = [index.ms, join.ms].map((ms) => `${ms.toFixed(2)} ms`);
      const times = (join.ms / index.ms).toFixed(1);
      lines.push(`  ${what}: ${fast} by the index alone, ${slow} by the join, ${times} times\n`);
    }
    return lines.join("");
  } finally {
    await close();
  }
}

type Ask = (text: string) => Promise<unknown[]>;

function ofFile(store: string): { ask: Ask; close: () => Promise<void> } {
  const handle = new DatabaseHandle(store, { readonly: true });
  return {
    ask: async (text) => Promise.resolve(handle.prepare(text).all()),
    close: async () => Promise.resolve(void handle.close()),
  };
}

function ofServer(store: string): { ask: Ask; close: () => Promise<void> } {
  const sql = postgres(store, { max: 1, connection: { search_path: "cowrie" }, onnotice: () => undefined });
  return { ask: async (text) => [...(await sql.unsafe(text))], close: async () => sql.end({ timeout: 5 }) };
}

async function median(ask: Ask, text: string): Promise<{ ms: number; answer: string }> {
  const times: number[] = [];
  let answer = "";
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    const rows = await ask(text);
    times.push(performance.now() - began);
    answer = JSON.stringify(rows);
  }
  times.sort((a, b) => a - b);
  return { ms: times[Math.floor(runs / 2)] ?? 0, answer };
}
