import { rmSync, writeFileSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { Test } from "tap";
import { throwAwayFolder } from "../../src/dev/throw-away-folder.ts";
import { look } from "../../src/inventory/kind.ts";
import { openMmdb, recordsOf } from "../../src/inventory/mmdb.ts";
import { fieldsOfRecord } from "../../src/inventory/mmdb-facts.ts";
import { addressNumber, subjectOf, type AddressNumber } from "../../src/inventory/network.ts";
import { coverage, seenOf } from "../../src/inventory/ranges.ts";
import { control, encoded, mmdbFile, type MmdbForm, type MmdbNetwork } from "../helpers/mmdb.ts";
import { randomFrom } from "../helpers/random.ts";
import { addressOf, valueOf } from "../helpers/ranges.ts";

const form: MmdbForm = { type: "Test-ASN", recordSize: 24, ipVersion: 6, buildEpoch: 1_767_571_200 };

void t.test("the narrowest of 2,000 random ranges is found for 2,000 random addresses", (t) => {
  for (const version of [4, 6] as const) {
    for (const seed of process.env["COWRIEDB_NIGHTLY"] === "1" ? [1, 2, 3, 4] : [version]) {
      const random = randomFrom(seed);
      const bits = version === 4 ? 12n : 20n;
      const base = version === 4 ? valueOf("203.0.112.0") : valueOf("2001:db8::");
      const any = (): bigint => base + BigInt(random(2 ** Number(bits)));
      const ranges = Array.from({ length: 2_000 }, (_, number) => {
        const [one, other] = [any(), random(2) === 0 ? any() : base + BigInt(random(64))];
        return { first: one < other ? one : other, last: one < other ? other : one, number };
      });
      const values = new Set(Array.from({ length: 2_000 }, any));
      const covered = coverage<number>(seenOf([...values].map((value) => seen(addressOf(value, version)))));

      for (const { first, last, number } of ranges) covered.add({ version, first, last }, number);

      const found = new Map([...covered.resolved()].map(({ ip_address, told }) => [ip_address, told]));
      const expected = new Map<string, number>();
      for (const value of values) {
        let narrowest: (typeof ranges)[number] | undefined;
        for (const range of ranges) {
          if (value < range.first || value > range.last) continue;
          // Of equal ones the last.
          if (narrowest === undefined || range.last - range.first <= narrowest.last - narrowest.first)
            narrowest = range;
        }
        if (narrowest !== undefined)
          expected.set(seen(addressOf(value, version)).canonical, narrowest.number);
      }
      t.same(sorted(found), sorted(expected), `seed ${seed}, IPv${version}`);
    }
  }
  t.end();
});

void t.test("a range of IPv6 covers no IPv4 address, and an address with its own row is left out", (t) => {
  const covered = coverage<string>(seenOf(["192.0.2.7", "192.0.2.8", "2001:db8::1"].map(seen)));

  covered.add({ version: 6, first: 0n, last: (1n << 128n) - 1n }, "all of IPv6");
  covered.add(rangeOf("192.0.2.0/24"), "net");
  covered.add(rangeOf("::ffff:192.0.2.8/128"), "one");
  covered.leaveOut(seen("192.0.2.7"));

  t.same(
    [...covered.resolved()],
    [
      { ip_address: "192.0.2.8", told: "one" },
      { ip_address: "2001:db8::1", told: "all of IPv6" },
    ],
  );
  t.end();
});

void t.test("numbers of IPv6 that stand for IPv4 are IPv4, whole ranges of them alone", (t) => {
  const mapped = (1n << 32n) * 0xffffn;
  const text = (first: bigint, last: bigint): string => `${mapped + first}-${mapped + last}`;

  t.match(subjectOf(text(1n, 9n)), { range: { version: 4, first: 1n, last: 9n } });
  t.match(subjectOf(text(-1n, 9n)), { range: { version: 6, first: mapped - 1n } }, "it begins before");
  t.match(subjectOf(text(1n, 1n << 32n)), { range: { version: 6 } }, "it ends behind");
  t.end();
});

void t.test("an MMDB file says the same as its networks as ranges, whatever its form", async (t) => {
  const random = randomFrom(7);
  for (const recordSize of [24, 28, 32] as const) {
    for (const ipVersion of [4, 6] as const) {
      const networks = randomNetworks(random, ipVersion);
      const addresses = Array.from({ length: 400 }, () =>
        ipVersion === 6 && random(2) === 0
          ? addressOf(valueOf("2001:db8::") + BigInt(random(1 << 16)), 6)
          : addressOf(valueOf("198.51.96.0") + BigInt(random(1 << 13)), 4),
      );
      const all = seenOf([...new Set(addresses.map((address) => seen(address).canonical))].map(seen));
      const covered = coverage<unknown>(all);
      for (const { network, record } of networks) covered.add(rangeOf(network), record);

      const mmdb = openMmdb(await look(fileOf(t, mmdbFile(networks, { ...form, recordSize, ipVersion }))));

      const records = [...recordsOf(mmdb, all)].map(({ ip_address, record }) => [ip_address, record]);
      const expected = [...covered.resolved()].map(({ ip_address, told }) => [ip_address, told]);
      t.same(new Map(records as never), new Map(expected as never), `${recordSize} bits, IPv${ipVersion}`);
      t.ok(records.length > 50, `${records.length} are covered`);
      t.match(mmdb, { type: "Test-ASN", builtAt: "2026-01-05T00:00:00.000000Z" });
    }
  }
});

void t.test("an IPv6 address is not looked up in a tree of IPv4", async (t) => {
  const networks = [{ network: "32.1.0.0/16", record: { country_code: "NL" } }];
  const mmdb = openMmdb(await look(fileOf(t, mmdbFile(networks, { ...form, ipVersion: 4 }))));

  t.equal(mmdb.recordOf("2001:db8::1", 6), null);
  t.same(mmdb.recordOf("32.1.0.1", 4), { country_code: "NL" });
});

void t.test("the records of the usual MMDB files are understood", (t) => {
  const cases: [Record<string, unknown>, object][] = [
    [
      { autonomous_system_number: 64500, autonomous_system_organization: "Example" },
      { asn: 64500, asn_name: "Example" },
    ],
    [{ country: { iso_code: "NL" }, registered_country: { iso_code: "DE" } }, { country: "NL" }],
    [{ registered_country: { iso_code: "DE" } }, {}],
    [{ country_code: "NL" }, { country: "NL" }],
    [
      { country: "NL", country_name: "Netherlands", asn: "AS64500", as_name: "Example" },
      { country: "NL", asn: "AS64500", asn_name: "Example" },
    ],
    [{ is_anonymous: true, is_tor_exit_node: true }, { label: "tor_exit_node" }],
    [
      { traits: { is_hosting_provider: true, isp: "Example" } },
      { label: "hosting_provider", asn_name: "Example" },
    ],
    [{ traits: { is_anonymous_vpn: true, is_tor_exit_node: true } }, { label: "anonymous_vpn" }],
    [{ connection_type: "Cellular" }, { label: "Cellular" }],
    [{ traits: { user_type: "residential", connection_type: "Cable/DSL" } }, { label: "residential" }],
    [
      {
        city: { names: { en: "Delft", nl: "Delft\0" } },
        location: { latitude: 52.01, time_zone: "Europe/Amsterdam" },
      },
      {
        enrichment: {
          mmdb: { database_type: "T", city: "Delft", latitude: 52.01, time_zone: "Europe/Amsterdam" },
        },
      },
    ],
    [{ city: { names: { en: "a\0b" } } }, { enrichment: { mmdb: { database_type: "T", city: "a\\x00b" } } }],
  ];
  for (const [record, fields] of cases) t.same(fieldsOfRecord(record, "T"), fields, JSON.stringify(record));
  t.end();
});

void t.test(
  "a damaged or malicious MMDB file is told, and neither runs for ever nor fills the memory",
  async (t) => {
    const networks = [{ network: "192.0.2.0/24", record: "REPLACED" }];
    const sound = mmdbFile(networks, form);
    const at = sound.indexOf(encoded("REPLACED"));
    const withRecord = (record: Buffer): Buffer =>
      Buffer.concat([sound.subarray(0, at), record, sound.subarray(at + encoded("REPLACED").length)]);
    const pointer = (to: number): Buffer => Buffer.from([(1 << 5) | (to >> 8), to & 255]);
    // Each of 20 arrays has two pointers to the next one: a million values in 120 bytes.
    const laughs = Buffer.concat(
      Array.from({ length: 20 }, (_, number) =>
        Buffer.concat([control(11, 2), pointer((number + 1) * 6), pointer((number + 1) * 6)]),
      ),
    );
    // 20 pointers to the text behind them: more than a megabyte in 60 kB.
    const echoes = Buffer.concat([control(11, 20), ...Array.from({ length: 20 }, () => pointer(42))]);
    const deep = Array.from({ length: 40 }).reduce((inner) => [inner], "ha");
    for (const [name, record] of [
      ["pointers to one long text", Buffer.concat([echoes, encoded("x".repeat(60_000))])],
      ["40 arrays, each in another", encoded(deep)],
      ["a circle", Buffer.concat([control(11, 1), pointer(0)])],
      ["pointers to pointers", Buffer.concat([laughs, encoded("ha")])],
      ["a text beyond the end", Buffer.from([0x5f, 0xff, 0xff, 0xff])],
      ["an array beyond the end", Buffer.from([0x1f, 0x04, 0xff, 0xff, 0xff])],
      ["a type that is none", Buffer.from([0x00, 0xf0])],
    ] as const) {
      const mmdb = openMmdb(await look(fileOf(t, withRecord(record))));
      t.throws(() => mmdb.recordOf("192.0.2.7", 4), name);
      t.type([...recordsOf(mmdb, seenOf([seen("192.0.2.7")]))][0]?.record, "string", name);
    }
    const cut = Buffer.concat([sound.subarray(0, 20), sound.subarray(-300)]);
    const marked = Buffer.concat([
      Buffer.alloc(50),
      Buffer.from("\xab\xcd\xefMaxMind.com", "latin1"),
      pointer(0),
    ]);
    for (const bytes of [cut, marked]) {
      const input = await look(fileOf(t, bytes));
      t.throws(() => openMmdb(input), { code: "inventory.damaged" });
    }
  },
);

function randomNetworks(random: (below: number) => number, ipVersion: 4 | 6): MmdbNetwork[] {
  const networks = new Map<string, MmdbNetwork>();
  for (let number = 0; number < 300; number++) {
    const isFour = ipVersion === 4 || random(2) === 0;
    const length = isFour ? 20 + random(13) : 112 + random(17);
    const base = isFour
      ? valueOf("198.51.96.0") + BigInt(random(1 << 13))
      : valueOf("2001:db8::") + BigInt(random(1 << 16));
    const host = BigInt((isFour ? 32 : 128) - length);
    const network = `${addressOf((base >> host) << host, isFour ? 4 : 6)}/${length}`;
    // A record that is shared by several networks, with a double, an array and a long text.
    networks.set(network, { network, record: { asn: number, share: 1.5, list: [true, "x".repeat(number)] } });
  }
  return [...networks.values()];
}

function seen(text: string): AddressNumber {
  const address = addressNumber(text);
  if (address === undefined) throw new Error(`${text} is no address.`);
  return address;
}

function rangeOf(network: string): { version: 4 | 6; first: bigint; last: bigint } {
  const subject = subjectOf(network);
  if (typeof subject === "string" || subject.range === null) throw new Error(`${network} is no network.`);
  return subject.range;
}

function sorted(found: ReadonlyMap<string, number>): [string, number][] {
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1));
}

function fileOf(t: Test, bytes: Buffer): string {
  const folder = mkdtempSync(join(throwAwayFolder(), "cowriedb-mmdb-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "file.bin");
  writeFileSync(path, bytes);
  return path;
}
