import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { cowriedb } from "../helpers/cli.ts";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { loadInProcess } from "../helpers/in-process.ts";
import { logLine, sessionId } from "../helpers/lines.ts";
import { valueOf } from "../helpers/ranges.ts";

/**
 * The same data on networks, of two days: what a session has kept stays when the newer one comes, and what was known on a day
 * can be asked for later. With made-up vintages always; with real ones where COWRIEDB_VINTAGES names a folder with two
 * unpacked versions of the npm package @ip-location-db/asn, the older first by name.
 */
interface Vintages {
  older: string;
  newer: string;
  addresses: string[];
}

interface Range {
  first: bigint;
  last: bigint;
  asn: number;
}

const olderDay = "2025-04-02";
const newerDay = "2026-06-17";

for (const engine of engines()) {
  void t.test(`${engine.name}: made-up vintages`, async (t) => {
    const folder = t.testdir({
      "older.csv":
        '198.51.100.0,198.51.100.127,64500,"Older, Inc."\n198.51.100.128,198.51.100.200,64501,Same\n198.51.100.201,198.51.100.255,64502,Gone\n',
      "newer.csv":
        "198.51.100.0,198.51.100.127,64510,Newer\n198.51.100.128,198.51.100.200,64501,Same renamed\n203.0.113.0,203.0.113.255,64520,New\n",
    });
    const addresses = [
      "198.51.100.1",
      "198.51.100.127",
      "198.51.100.128",
      "198.51.100.255",
      "203.0.113.9",
      "192.0.2.1",
    ];

    const told = await lived(t, engine, {
      older: join(folder, "older.csv"),
      newer: join(folder, "newer.csv"),
      addresses,
    });

    t.same(told, { addresses: 6, known: 4, moved: 2, came: 1, gone: 1 });
  });

  const real = realVintages();
  if (real !== undefined) {
    void t.test(`${engine.name}: real vintages`, async (t) => {
      const told = await lived(t, engine, real);

      t.comment(JSON.stringify(told));
      t.ok(told.moved > 0, `${told.moved} of ${told.known} addresses have another network`);
    });
  }
}

/** Loads sessions before, between and behind two imports, and sees what each has kept. */
async function lived(
  t: Test,
  engine: Engine,
  { older, newer, addresses }: Vintages,
): Promise<{ addresses: number; known: number; moved: number; came: number; gone: number }> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  // The addresses of documentation are public here.
  await typed(store.database, "delete from reserved_prefixes");
  const [before, after] = [rangesOf(older), rangesOf(newer)];
  const wanted = new Map(
    addresses.map((ip) => [ip, { earlier: asnOf(before, ip), later: asnOf(after, ip) }]),
  );

  await load(store, "first.json", addresses, 0, "2025-05-01");
  await imported(t, store, older, olderDay);
  await load(store, "between.json", addresses, 1, "2025-12-01");
  const filled = await cowriedb(["backfill", "snapshots", "--db", store.db]);
  const kept = await snapshotsOf(store);
  await imported(t, store, newer, newerDay);
  const unmoved = await snapshotsOf(store);
  await load(store, "late.json", addresses, 2, "2026-01-01");
  await load(store, "behind.json", addresses, 3, "2026-07-01");
  const all = await snapshotsOf(store);

  t.equal(filled.code, 0, filled.stderr);
  t.same(unmoved, kept, "the newer vintage moves no snapshot");
  const expected = (round: number): (number | null)[] =>
    addresses.map((ip) => {
      const { earlier, later } = wanted.get(ip) ?? {};
      // Where the history does not reach back, what is known at the fill is better than nothing; and a file that says nothing
      // of an address takes nothing back.
      return (round === 3 ? (later ?? earlier) : round === 2 ? (earlier ?? later) : earlier) ?? null;
    });
  for (const [round, what] of [
    [0, "backfilled"],
    [1, "sealed between the two"],
    [2, "sealed behind the newer, begun before it"],
    [3, "begun behind the newer"],
  ] as const) {
    t.same(
      addresses.map((_, index) => all.get(idOf(round, index)) ?? null),
      expected(round),
      what,
    );
  }
  t.same(await asOf(store, addresses, "2025-06-01"), expected(0), "as of a day between the two");
  t.same(await asOf(store, addresses, "2026-08-01"), expected(3), "as of a day behind both");
  t.same(
    await asOf(store, addresses, "2025-01-01"),
    addresses.map(() => null),
    "before both, nothing was known",
  );
  const both = [...wanted.values()];
  return {
    addresses: addresses.length,
    known: both.filter(({ earlier }) => earlier !== undefined).length,
    moved: both.filter(
      ({ earlier, later }) => earlier !== undefined && later !== undefined && earlier !== later,
    ).length,
    gone: both.filter(({ earlier, later }) => earlier !== undefined && later === undefined).length,
    came: both.filter(({ earlier, later }) => earlier === undefined && later !== undefined).length,
  };
}

async function imported(t: Test, store: TestStore, file: string, day: string): Promise<void> {
  const { code, stderr } = await cowriedb(["inventory", "import", file, "--as-of", day, "--db", store.db]);
  t.equal(code, 0, stderr);
}

function idOf(round: number, index: number): string {
  return sessionId(round * 1_000_000 + index + 1);
}

async function load(
  store: TestStore,
  name: string,
  addresses: readonly string[],
  round: number,
  day: string,
): Promise<void> {
  const log = addresses.map((src_ip, index) =>
    logLine({
      ...{ eventid: "cowrie.session.connect", session: idOf(round, index), src_ip, sensor: "harbour" },
      ...{ protocol: "ssh", timestamp: `${day}T10:00:00.000000Z` },
    }),
  );
  await loadInProcess(store.database, name, Buffer.from(log.join("")), [5_000]);
}

async function snapshotsOf(store: TestStore): Promise<Map<string, number | null>> {
  const rows = await typed(store.database, "select session_id, snapshot_asn from session_summaries");
  return new Map(
    rows.map((row) => [
      String(row["session_id"]),
      row["snapshot_asn"] === null ? null : Number(row["snapshot_asn"]),
    ]),
  );
}

/** What was known of each address on a day. */
async function asOf(store: TestStore, addresses: readonly string[], day: string): Promise<(number | null)[]> {
  const rows = await typed(
    store.database,
    `select v.ip_address, v.current_asn from ip_versions as v
     where v.enriched_at = (select max(w.enriched_at) from ip_versions as w
       where w.ip_address = v.ip_address and w.enriched_at <= '${day}T00:00:00.000000Z')`,
  );
  const known = new Map(rows.map((row) => [row["ip_address"], row["current_asn"]]));
  return addresses.map((ip) => {
    const asn = known.get(ip) ?? null;
    return asn === null ? null : Number(asn);
  });
}

function rangesOf(file: string): Range[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const [first = "", last = "", asn = ""] = line.split(",");
      return asn === "" ? [] : [{ first: valueOf(first), last: valueOf(last), asn: Number(asn) }];
    })
    .sort((one, other) => (one.first < other.first ? -1 : 1));
}

/** The network of an address, by halves. */
function asnOf(ranges: readonly Range[], ip: string): number | undefined {
  const value = valueOf(ip);
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.first ?? 0n) <= value) low = middle + 1;
    else high = middle;
  }
  const found = ranges[low - 1];
  return found !== undefined && value <= found.last ? found.asn : undefined;
}

/** Two versions of the package, and addresses all over them: the first of each thousandth range of either. */
function realVintages(): Vintages | undefined {
  const folder = process.env["COWRIEDB_VINTAGES"] ?? "";
  if (folder === "") return undefined;
  const files = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name, "package", "asn-ipv4.csv"))
    .filter((file) => existsSync(file));
  const [older, newer] = files;
  if (older === undefined || newer === undefined) throw new Error(`${folder} does not hold two versions`);
  const firsts = [older, newer].flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line, index) => index % 1_000 === 0 && line !== "")
      .map((line) => line.split(",")[0] ?? ""),
  );
  return { older, newer, addresses: [...new Set(firsts)] };
}
