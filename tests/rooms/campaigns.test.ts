import t, { type Test } from "tap";
import { reportCampaigns } from "../../src/sql/generated.ts";
import { many } from "../../src/sql/run.ts";
import { scaled } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { day, say } from "../helpers/inventory.ts";
import { logLine, sessionId } from "../helpers/lines.ts";
import { randomFrom } from "../helpers/random.ts";

/** A session as a test wants it. */
interface Visit {
  number: number;
  ip: string;
  /** Minutes after the first midnight of 2026. */
  minute: number;
  hassh?: string;
  commands?: readonly string[];
  files?: readonly string[];
}

interface Cluster {
  network: string;
  kind: string;
  trait: string;
  sessions: number;
  addresses: number;
  first: string;
  last: string;
}

const gapMinutes = 60;
const anyTime = {
  period_start: day("2020-01-01"),
  period_end: day("2030-01-01"),
  least_addresses: 2,
  row_limit: 100,
};

/** Addresses as sensors write them, each as the store has it, and its network. */
const prefixes = [
  ["2001:db8:1:2::5", "2001:db8:1:2::5", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:0:0:0:9", "2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002:a:b:c:d", "2001:db8:1:2:a:b:c:d", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:3::", "2001:db8:1:2:3::", "2001:db8:1:2::/64"],
  ["2001:db8::5", "2001:db8::5", "2001:db8:0:0::/64"],
  ["2001:db8:0:3::", "2001:db8:0:3::", "2001:db8:0:3::/64"],
  ["::1", "::1", "0:0:0:0::/64"],
  ["::", "::", "0:0:0:0::/64"],
  ["1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7", "1:0:2:3::/64"],
  ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"],
] as const;

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("clusters are what a walk over all sessions finds, whatever they share", async (t) => {
      const visits = madeUp(scaled(3_000));
      const store = await storeOf(t, engine, visits);

      const rows = await typed(
        store.database,
        "select network_kind, snapshot_asn, prefix, trait_kind, trait, sessions, addresses, first_event_at, last_began_at from campaign_clusters",
      );

      const wanted = clustersOf(visits);
      t.ok(wanted.length > 20, `${wanted.length} clusters`);
      t.same(
        rows
          .map((row) =>
            keyOf({
              network: row["network_kind"] === "asn" ? String(row["snapshot_asn"]) : String(row["prefix"]),
              kind: String(row["trait_kind"]),
              trait: String(row["trait"]),
              sessions: Number(row["sessions"]),
              addresses: Number(row["addresses"]),
              first: String(row["first_event_at"]),
              last: String(row["last_began_at"]),
            }),
          )
          .sort(),
        wanted.map(keyOf).sort(),
      );
    });

    await t.test("a gap of exactly the setting joins two sessions, a second more parts them", async (t) => {
      const apart = (minute: number): Visit[] => [
        { number: 1, ip: "192.0.2.1", minute: 0, hassh: "aa" },
        { number: 2, ip: "192.0.2.2", minute, hassh: "aa" },
      ];
      const joined = await storeOf(t, engine, apart(gapMinutes));
      const parted = await storeOf(t, engine, apart(gapMinutes + 1 / 60));

      t.equal((await many(joined.database, reportCampaigns, { snapshot_asn: 64500, ...anyTime })).length, 1);
      t.same(await many(parted.database, reportCampaigns, { snapshot_asn: 64500, ...anyTime }), []);
      await typed(parted.database, "update settings set value = 61 where setting = 'campaign_gap_minutes'");
      t.match(await many(parted.database, reportCampaigns, { snapshot_asn: 64500, ...anyTime }), [
        { trait_kind: "hassh", trait: "aa", sessions: 2, addresses: 2 },
      ]);
      t.same(await many(parted.database, reportCampaigns, { snapshot_asn: 64501, ...anyTime }), []);
    });

    await t.test("addresses of one /64 are one network, however they are written", async (t) => {
      const store = await storeOf(
        t,
        engine,
        prefixes.map(([ip], index) => ({ number: index + 1, ip, minute: index, hassh: "aa" })),
      );

      const rows = await typed(
        store.database,
        "select source_ip, prefix from campaign_traits where trait_kind = 'hassh'",
      );

      t.same(
        Object.fromEntries(rows.map((row) => [row["source_ip"], row["prefix"]])),
        Object.fromEntries(prefixes.map(([, ip, prefix]) => [ip, prefix])),
      );
      t.same(
        (
          await typed(
            store.database,
            "select prefix, addresses from campaign_clusters where network_kind = 'prefix' order by prefix",
          )
        ).map(({ prefix, addresses }) => [prefix, Number(addresses)]),
        [
          ["0:0:0:0::/64", 2],
          ["2001:db8:1:2::/64", 4],
        ],
      );
    });

    await t.test(
      "one address alone is no campaign, and two sets of commands are the same only if they are",
      async (t) => {
        const store = await storeOf(t, engine, [
          { number: 1, ip: "192.0.2.1", minute: 0, commands: ["a\nb"] },
          { number: 2, ip: "192.0.2.2", minute: 1, commands: ["a", "b"] },
          { number: 3, ip: "192.0.2.3", minute: 2, commands: ["a\\nb"] },
          { number: 4, ip: "192.0.2.4", minute: 3, commands: ["b", "a", "b"] },
          { number: 5, ip: "192.0.2.5", minute: 4, files: ["f".repeat(64)] },
          { number: 6, ip: "192.0.2.5", minute: 5, files: ["f".repeat(64)] },
        ]);

        t.match(await many(store.database, reportCampaigns, { snapshot_asn: 64500, ...anyTime }), [
          { trait_kind: "commands", trait: "a\nb", sessions: 2, addresses: 2 },
        ]);
      },
    );
  });
}

/** Visits of twelve addresses of three networks, which share what a few tools leave behind. */
function madeUp(count: number): Visit[] {
  const below = randomFrom(11);
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    ip: `${["192.0.2", "198.51.100", "203.0.113"][below(3)] ?? ""}.${1 + below(4)}`,
    minute: below(count * 12) / 2,
    ...(below(3) === 0 ? {} : { hassh: "abc"[below(3)] ?? "a" }),
    commands: ["uname -a", "w", "id"].filter(() => below(2) === 0),
    files: ["1".repeat(64), "2".repeat(64)].filter(() => below(4) === 0),
  }));
}

/** The same by a walk over everything, in another language. */
function clustersOf(visits: readonly Visit[]): Cluster[] {
  const groups = new Map<string, Visit[]>();
  const names = new Map<string, Pick<Cluster, "network" | "kind" | "trait">>();
  for (const visit of visits) {
    const commands = [...new Set(visit.commands ?? [])].sort().join("\n");
    const traits: [string, string][] = [
      ...(visit.hassh === undefined ? [] : [["hassh", visit.hassh] as [string, string]]),
      ...(commands === "" ? [] : [["commands", commands] as [string, string]]),
      ...(visit.files ?? []).map((file): [string, string] => ["file", file]),
    ];
    const networks = [String(asnOf(visit.ip)), visit.ip.replace(/\d+$/, "0/24")].filter(
      (text) => text !== "undefined",
    );
    for (const network of networks)
      for (const [kind, trait] of traits) {
        const key = JSON.stringify([network, kind, trait]);
        names.set(key, { network, kind, trait });
        groups.set(key, [...(groups.get(key) ?? []), visit]);
      }
  }
  return [...groups].flatMap(([key, members]) => {
    const runs: Visit[][] = [];
    for (const visit of members.sort((one, other) => one.minute - other.minute)) {
      const before = runs.at(-1)?.at(-1);
      if (before !== undefined && visit.minute - before.minute <= gapMinutes) runs.at(-1)?.push(visit);
      else runs.push([visit]);
    }
    return runs.flatMap((run) => {
      const addresses = new Set(run.map(({ ip }) => ip)).size;
      const name = names.get(key);
      if (addresses < 2 || name === undefined) return [];
      const [first, last] = [run[0]?.minute ?? 0, run.at(-1)?.minute ?? 0];
      return [{ ...name, sessions: run.length, addresses, first: instant(first), last: instant(last) }];
    });
  });
}

function keyOf(cluster: Cluster): string {
  const { network, kind, trait, sessions, addresses, first, last } = cluster;
  return JSON.stringify([network, kind, trait, sessions, addresses, first, last]);
}

/** The third network has no number. */
function asnOf(ip: string): number | undefined {
  return ip.startsWith("192") ? 64500 : ip.startsWith("198") ? 64501 : undefined;
}

function instant(minute: number, milliseconds = 0): string {
  return new Date(Date.UTC(2026, 0, 1) + minute * 60_000 + milliseconds).toISOString().replace("Z", "000Z");
}

async function storeOf(t: Test, engine: Engine, visits: readonly Visit[]): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  // The addresses of documentation are public here.
  await typed(store.database, "delete from reserved_prefixes");
  const addresses = [...new Set(visits.map(({ ip }) => ip))];
  await say(
    store,
    addresses.map((ip_address) => {
      const asn = asnOf(ip_address);
      return {
        ip_address,
        enriched_at: day("2020-01-01"),
        ...(asn === undefined ? { country: "DE" } : { asn }),
      };
    }),
  );
  const log = visits.map(linesOf).join("");
  await loadInProcess(store.database, "campaigns.json", Buffer.from(log), [500]);
  return store;
}

function linesOf({ number, ip, minute, hassh, commands = [], files = [] }: Visit): string {
  const envelope = { session: sessionId(number), src_ip: ip, sensor: "harbour", protocol: "ssh" };
  return [
    { eventid: "cowrie.session.connect" },
    ...(hassh === undefined ? [] : [{ eventid: "cowrie.client.kex", hassh }]),
    ...commands.map((input) => ({ eventid: "cowrie.command.input", input })),
    ...files.map((shasum) => ({
      eventid: "cowrie.session.file_download",
      shasum,
      url: "http://192.0.2.9/x",
    })),
  ]
    .map((event, index) => logLine({ ...event, ...envelope, timestamp: instant(minute, index) }))
    .join("");
}
