import type { TestStore } from "./database.ts";
import { openPlain, type Plain } from "./plain.ts";

/** Ways to make derived rows wrong behind the program's back; `#` stands for the session that is hit. */
const damages = [
  "delete from ~session_summaries where session_id = '#'",
  "update ~session_summaries set event_count = event_count + 1 where session_id = '#'",
  "update ~session_summaries set event_count = 0 where session_id = '#'",
  "update ~session_summaries set login_attempts = login_attempts + 3, risk_score = 77 where session_id = '#'",
  "update ~session_summaries set source_ip = '203.0.113.99' where session_id = '#'",
  "update ~session_summaries set sensor = null, sensor_key = null where session_id = '#'",
  "update ~session_summaries set first_event_at = '2031-01-01T00:00:00.000000Z' where session_id = '#'",
  "update ~session_summaries set last_event_at = '2031-01-01T00:00:00.000000Z' where session_id = '#'",
  "update ~session_summaries set has_closed = case when has_closed = true then false else true end where session_id = '#'",
  "delete from ~command_stats where session_id = '#'",
  "update ~command_stats set inputs = inputs + 1 where session_id = '#'",
  "insert into ~command_stats (session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk) values ('#', 'never typed', 1, 0, 0, '2026-01-05T00:00:00.000000Z', '2026-01-05T00:00:00.000000Z', false) on conflict do nothing",
  "delete from ~session_files where session_id = '#'",
  "update ~session_files set occurrences = occurrences + 1, url = 'http://203.0.113.99/' where session_id = '#'",
  `insert into ~session_files (session_id, shasum, first_seen, occurrences) values ('#', '${"e".repeat(64)}', '2026-01-05T00:00:00.000000Z', 1) on conflict do nothing`,
];

/** Rows whose session has no event at all. */
const strays = [
  "insert into ~command_stats (session_id, command, inputs, successes, failures, first_seen, last_seen, high_risk) values ('stray #', 'never typed', 1, 0, 0, '2026-01-05T00:00:00.000000Z', '2026-01-05T00:00:00.000000Z', false) on conflict do nothing",
  `insert into ~session_files (session_id, shasum, first_seen, occurrences) values ('stray #', '${"e".repeat(64)}', '2026-01-05T00:00:00.000000Z', 1) on conflict do nothing`,
  "insert into ~session_summaries (session_id, has_connect, has_closed, has_session_field, first_event_at, last_event_at, closed_count, event_count, command_inputs, command_successes, command_failures, login_attempts, login_successes, file_downloads, file_uploads, ssh_key_inputs, ssh_key_successes, ssh_key_failures, risk_score) values ('stray #', true, false, true, '2026-01-05T00:00:00.000000Z', '2026-01-05T00:00:00.000000Z', 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
];

/** Makes about a third of the sessions wrong, one way or several; the same `seed` gives the same damage. */
export async function damage(store: TestStore, seed: number): Promise<void> {
  const plain = openPlain(store);
  try {
    const sessions = (await plain.rows("select session_id from ~session_summaries order by session_id")).map(
      (row) => String(row["session_id"]).replaceAll("'", "''"),
    );
    for (const [index, session] of sessions.entries()) {
      if ((index * 7 + seed) % 3 !== 0) continue;
      await hit(plain, damages[(index * 5 + seed) % damages.length] ?? "", session);
      if (index % 2 === 0) await hit(plain, damages[(index * 11 + seed + 3) % damages.length] ?? "", session);
    }
    for (const [index, text] of strays.entries()) await hit(plain, text, `${seed} ${index}`);
  } finally {
    await plain.close();
  }
}

async function hit(plain: Plain, text: string, session: string): Promise<void> {
  await plain.run(text.replaceAll("#", session));
}
