import DatabaseHandle from "better-sqlite3";
import t from "tap";
import type { Test } from "tap";
import { gzipSync } from "node:zlib";
import { engines, freshStore, typed, type Engine, type TestStore } from "../helpers/database.ts";
import { fileOf, imported, inventoryOf, knownAsOf, logOf, seenAddresses } from "../helpers/imports.ts";
import { logLine, sessionId } from "../helpers/lines.ts";
import { loadContents } from "../helpers/load.ts";
import { mmdbFile } from "../helpers/mmdb.ts";

const early = "2025-04-02T00:00:00.000000Z";
const late = "2026-01-05T00:00:00.000000Z";
const ranges = [
  '198.51.100.0,198.51.100.127,64500,"Example, Inc."',
  "198.51.100.128,198.51.100.255,64501,Other",
  "198.51.100.12,198.51.100.12,64502,One Address",
  "2001:db8::,2001:db8:f:ffff:ffff:ffff:ffff:ffff,64503,Six",
].join("\n");
const countries = "network;country\n198.51.100.0/25;NL\n198.51.100.128/25;ZZ\n2001:db8::/32;DE\n";

for (const engine of engines()) {
  void t.test(engine.name, async (t) => {
    await t.test("the order of files does not matter where they speak of different times", async (t) => {
      const files = [
        { path: fileOf(t, "a.csv", ranges), asOf: early },
        { path: fileOf(t, "b.csv", countries), asOf: "2025-08-01T00:00:00.000000Z" },
        {
          path: fileOf(t, "c.csv", ranges.replaceAll("64500", "64509").replace("Other", "Renamed")),
          asOf: late,
        },
        {
          path: fileOf(t, "d.txt", "198.51.100.6\n198.51.100.64/26 # a net\n"),
          asOf: "2025-10-01T00:00:00.000000Z",
        },
      ];
      const found = [];
      for (const order of [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [2, 0, 3, 1],
      ]) {
        const store = await storeWith(t, engine, seenAddresses);
        for (const place of order) {
          const file = files[place];
          if (file !== undefined)
            await imported(store.database, [file.path], {
              asOf: file.asOf,
              label: place === 3 ? "TOR" : null,
            });
        }
        found.push(await knownAsOf(store.database));
      }

      t.same(found[1], found[0]);
      t.same(found[2], found[0]);
      t.equal(
        found[0]?.filter((answer) => answer.startsWith("2026-03-01")).length,
        60,
        "all are in a network",
      );
      t.match(
        found[0]?.join("\n"),
        /^2025-09-01 198\.51\.100\.0 .*64500.*NL.*^2026-03-01 198\.51\.100\.0 .*64509/ms,
      );
    });

    await t.test("twice is once, in batches of any size", async (t) => {
      const file = fileOf(t, "a.csv", ranges);
      const other = fileOf(t, "b.csv", countries);
      const [store, single] = [
        await storeWith(t, engine, seenAddresses),
        await storeWith(t, engine, seenAddresses),
      ];

      const first = await imported(store.database, [file, other], { asOf: early });
      const again = await imported(store.database, [file, other], { asOf: early });
      await imported(single.database, [file, other], { asOf: early, batchRows: 1 });

      t.match(first.addresses, { added: 60 });
      t.match(again, {
        addresses: { rows: first.addresses.rows, added: 0, changed: 0, history: 0 },
        networks: { added: 0, changed: 0, history: 0 },
      });
      t.same(await inventoryOf(single.database), await inventoryOf(store.database));
    });

    await t.test("a dry run says what the run does, and changes nothing", async (t) => {
      const store = await storeWith(t, engine, seenAddresses);
      await imported(store.database, [fileOf(t, "b.csv", countries)], { asOf: early });
      const before = await inventoryOf(store.database);
      const files = [
        fileOf(t, "a.csv", ranges),
        fileOf(t, "c.csv", `${ranges.replaceAll("Other", "Renamed")}\nx,y,z\n`),
      ];

      const trial = await imported(store.database, files, { asOf: late, dryRun: true });
      const untouched = await inventoryOf(store.database);
      const real = await imported(store.database, files, { asOf: late });

      t.same(untouched, before);
      t.same({ ...real, dry_run: true }, trial);
      t.match(real.addresses, { changed: /[1-9]/, history: /[1-9]/ });
    });

    await t.test("an MMDB file gives the same inventory as its networks as CSV", async (t) => {
      const networks = [
        {
          network: "198.51.100.0/25",
          record: { autonomous_system_number: 64500, autonomous_system_organization: "Example" },
        },
        {
          network: "198.51.100.64/26",
          record: { autonomous_system_number: 64501, autonomous_system_organization: "Other" },
        },
        {
          network: "2001:db8:4::/46",
          record: { autonomous_system_number: 64502, autonomous_system_organization: "Six" },
        },
      ];
      const form = {
        type: "Test-ASN",
        recordSize: 28,
        ipVersion: 6,
        buildEpoch: Date.parse(early) / 1000,
      } as const;
      const csv = networks
        .map(({ network, record }) => `${network},${Object.values(record).join(",")}`)
        .join("\n");
      const [one, other] = [
        await storeWith(t, engine, seenAddresses),
        await storeWith(t, engine, seenAddresses),
      ];

      const binary = await imported(one.database, [fileOf(t, "asn.mmdb", mmdbFile(networks, form))]);
      await imported(other.database, [fileOf(t, "asn.csv", csv)], { asOf: early });

      t.same(await inventoryOf(one.database), await inventoryOf(other.database));
      t.match(binary, {
        files: [{ kind: "mmdb", covered: 26 }],
        addresses: { added: 26 },
        networks: { added: 3 },
      });
    });

    await t.test(
      "single addresses are put whether they were seen or not; a range only where one was",
      async (t) => {
        const store = await storeWith(t, engine, ["198.51.100.6"]);
        const text = [
          '{"ip":"203.0.113.9","country_code":"NL","enriched_at":"2025-04-02T10:00:00+02:00"}',
          '{"ip_address":"::ffff:198.51.100.6","asn":"AS64500","enrichment":{"maxmind":{"country":"DE"}}}',
          '{"network":"198.51.100.0/24","asn":64501,"type":"hosting"}',
          '{"network":"203.0.113.0/24","asn":64501}',
        ].join("\r\n");

        const result = await imported(store.database, [fileOf(t, "facts.json.gz", gzipSync(text))]);

        t.match(result, {
          files: [{ kind: "ndjson", rows_read: 4, rows_refused: 0, covered: 1 }],
          addresses: { added: 2 },
        });
        t.match(await typed(store.database, "select * from ip_inventory order by ip_address"), [
          {
            ip_address: "198.51.100.6",
            current_asn: 64500,
            geo_country: "DE",
            session_count: 1,
            ip_type: null,
          },
          {
            ip_address: "203.0.113.9",
            geo_country: "NL",
            enriched_at: "2025-04-02T08:00:00.000000Z",
            session_count: 0,
          },
        ]);
      },
    );

    await t.test("rows that cannot be read are counted, and the first ten named", async (t) => {
      const store = await storeWith(t, engine, []);
      const good = Array.from({ length: 13 }, (_, number) => `203.0.113.${number},NL`);
      const bad = Array.from({ length: 12 }, (_, number) => `\u001b[31m${number},NL`);

      const result = await imported(store.database, [
        fileOf(t, "a.csv", ["ip,country", ...good, ...bad].join("\n")),
      ]);

      t.match(result.files[0], { rows_read: 25, rows_refused: 12, addresses: { added: 13 } });
      t.same(
        result.files[0]?.refused.map(({ line, reason }) => `${line}: ${reason}`),
        Array.from({ length: 10 }, (_, number) => `${number + 15}: it is no address: "\\x1b[31m${number}"`),
      );
    });

    await t.test(
      "a file of which more than half cannot be read is broken off before more is written",
      async (t) => {
        const store = await storeWith(t, engine, []);
        const good = Array.from({ length: 10 }, (_, number) => `203.0.113.${number},NL`);
        const bad = Array.from({ length: 20 }, () => "nowhere,NL");
        const file = (rows: string[]): string => fileOf(t, "a.csv", ["ip,country", ...rows].join("\n"));

        await t.rejects(imported(store.database, [file([...bad, ...good])]), {
          code: "inventory.mostly_refused",
        });
        const none = await inventoryOf(store.database);
        await t.rejects(imported(store.database, [file([...good, ...bad])]), {
          code: "inventory.mostly_refused",
          message: /20 of the first 30 rows .* Line 12: it is no address: "nowhere"/,
        });
        const some = await inventoryOf(store.database);

        t.equal(none["ip_inventory"]?.length, 0);
        t.equal(some["ip_inventory"]?.length, 7, "the batch before the bad rows");
      },
    );

    await t.test("a row that the database refuses costs no other one", async (t) => {
      const store = await storeWith(t, engine, []);
      const text = [1, 2, 3].map((number) => `203.0.113.${number},NL`).join("\n");
      await refuseAddress(store, "203.0.113.2");

      const result = await imported(store.database, [fileOf(t, "a.csv", text)]);
      const trial = await imported(store.database, [fileOf(t, "a.csv", text)], { dryRun: true });

      t.match(result.files[0], {
        rows_refused: 1,
        refused: [{ line: 2, reason: /the database refuses it/ }],
      });
      t.match(result.addresses, { added: 2 });
      t.match(trial.files[0], { rows_refused: 1 });
    });

    await t.test(
      "a stop ends the import after the batch at hand, and the same again completes it",
      async (t) => {
        const text = Array.from({ length: 50 }, (_, number) => `203.0.113.${number},NL`).join("\n");
        const [store, whole] = [await storeWith(t, engine, []), await storeWith(t, engine, [])];
        const stop = { requested: false };
        const onProgress = ({ rowsPut }: { rowsPut: number }): void => {
          stop.requested = rowsPut >= 14;
        };

        const stopped = await imported(store.database, [fileOf(t, "a.csv", text)], { stop, onProgress });
        const some = await typed(store.database, "select 1 from ip_inventory");
        await imported(store.database, [fileOf(t, "a.csv", text)]);
        await imported(whole.database, [fileOf(t, "a.csv", text)]);

        t.match(stopped, { interrupted: true, addresses: { added: 14 } });
        t.equal(some.length, 14);
        t.same(await inventoryOf(store.database), await inventoryOf(whole.database));
      },
    );

    await t.test("the tables of the old system are imported as they are", async (t) => {
      const store = await storeWith(t, engine, ["198.51.100.6"]);
      const file = fileOf(t, "old.sqlite", oldStore());

      const result = await imported(store.database, [file]);
      const again = await imported(store.database, [file]);

      t.match(result, {
        files: [{ kind: "sqlite", rows_read: 8, rows_refused: 1, rows_empty: 2 }],
        addresses: { added: 2 },
        networks: { added: 1 },
        verdicts: { added: 2 },
      });
      t.match(again.addresses, { added: 0, changed: 0 });
      t.match(await typed(store.database, "select * from ip_inventory order by ip_address"), [
        {
          ip_address: "198.51.100.6",
          current_asn: 64500,
          geo_country: "CN",
          ip_type: "VPN",
          enriched_at: early,
        },
        { ip_address: "2001:db8::1", current_asn: 64500, geo_country: null },
      ]);
      t.match(await typed(store.database, "select * from asn_inventory"), [
        { asn: 64500, asn_name: "Example", country: "NL", registry: "RIPE", kind: "HOSTING" },
      ]);
      const verdicts = await typed(store.database, "select * from file_verdicts order by shasum");
      t.match(verdicts, [
        { shasum: "a".repeat(64), source: "virustotal", judged_at: late },
        { shasum: "b".repeat(64) },
      ]);
      t.same(
        verdicts.map((row) => Number(row["is_malicious"])),
        [1, 0],
      );
    });

    await t.test(
      "DShield reports flag the sessions of an address, a verdict those that fetched the file",
      async (t) => {
        const store = await storeWith(t, engine, ["198.51.100.6", "198.51.100.7", "198.51.100.8"]);
        const fetched = {
          eventid: "cowrie.session.file_download",
          session: sessionId(3),
          shasum: "a".repeat(64),
        };
        const line = logLine({
          ...fetched,
          src_ip: "198.51.100.8",
          sensor: "s",
          timestamp: "2026-01-05T10:00:01.000000Z",
        });
        await loadContents(store.database, [{ name: "more.json", content: line }]);
        const reports = fileOf(t, "dshield.csv", "ip,count\n198.51.100.6,12\n198.51.100.7,0\n");
        const verdicts = fileOf(
          t,
          "vt.ndjson",
          `{"sha256":"${"A".repeat(64)}","positives":3,"scan_date":"2026-01-06"}\n`,
        );

        const result = await imported(store.database, [reports, verdicts], { source: "virustotal" });

        const flags = await typed(
          store.database,
          "select dshield_flagged, vt_flagged from session_summaries order by session_id",
        );
        t.same(
          flags.map((row) => [Number(row["dshield_flagged"]), Number(row["vt_flagged"])]),
          [
            [1, 0],
            [0, 0],
            [0, 1],
          ],
        );
        t.match(result, { addresses: { added: 2 }, verdicts: { added: 1 } });
      },
    );
  });
}

async function storeWith(t: Test, engine: Engine, addresses: readonly string[]): Promise<TestStore> {
  const store = await freshStore(engine);
  t.teardown(store.dispose);
  if (addresses.length > 0)
    await loadContents(store.database, [{ name: "cowrie.json", content: logOf(addresses) }]);
  return store;
}

/** A rule of the operator's own, which no row of a file can be held against before. */
async function refuseAddress(store: TestStore, address: string): Promise<void> {
  if (store.database.dialect === "postgres") {
    await typed(
      store.database,
      `alter table ip_inventory add constraint ck_test check (ip_address != '${address}')`,
    );
    return;
  }
  await typed(
    store.database,
    `create trigger tr_test before insert on ip_inventory when new.ip_address = '${address}' begin select raise(abort, 'WR999 not this one'); end`,
  );
}

/** A file as version 17 of the old system makes it; one address never was enriched, and one is none. */
function oldStore(): Buffer {
  const old = new DatabaseHandle(":memory:");
  old.exec(`
    create table asn_inventory (asn_number integer primary key, organization_name text, organization_country text, rir_registry text,
      asn_type text, is_known_hosting boolean, first_seen text, last_seen text, enrichment json, enrichment_updated_at text, updated_at text);
    create table ip_inventory (ip_address text primary key, current_asn integer, asn_last_verified text, first_seen text, last_seen text,
      session_count integer default 1, enrichment json, enrichment_updated_at text, enrichment_version text, created_at text, updated_at text);
    create table files (id integer primary key, session_id text, shasum text, filename text, download_url text, vt_classification text,
      vt_malicious boolean, vt_positives integer, vt_total integer, vt_last_analysis text, first_seen text, last_updated text, enrichment_status text);
    insert into asn_inventory values (64500, 'Example', 'NL', 'RIPE', 'HOSTING', 1, '2025-01-01', '2025-02-01', '{}', '2025-04-02 00:00:00', '2025-09-01');
    insert into ip_inventory values
      ('198.51.100.6', 64500, null, '2025-01-01', '2025-02-01', 3,
        '{"maxmind":{"country":"XX"},"cymru":{"country":"CN"},"spur":{"client":{"types":["DATACENTER","VPN"]}}}', '2025-04-02 00:00:00', '2.2', '2025-01-01', '2025-09-01'),
      ('2001:0db8::1', 64500, null, '2025-01-01', '2025-02-01', 1, '{"maxmind":{"country":"XX"}}', '2025-04-02T00:00:00', '2.2', '2025-01-01', '2025-09-01'),
      ('198.51.100.9', null, null, '2025-01-01', '2025-02-01', 1, '{}', null, '2.2', '2025-01-01', '2025-09-01'),
      ('unknown', 64500, null, '2025-01-01', '2025-02-01', 1, '{}', null, '2.2', '2025-01-01', '2025-09-01');
    insert into files values
      (1, 's1', '${"A".repeat(64)}', 'x', 'http://192.0.2.1/x', 'trojan', 1, 40, 70, '2026-01-05 00:00:00', null, '2026-01-06', 'enriched'),
      (2, 's2', '${"b".repeat(64)}', 'y', null, null, 0, 0, 70, '2026-01-05 00:00:00', null, '2026-01-06', 'enriched'),
      (3, 's3', '${"c".repeat(64)}', 'z', null, null, 0, null, null, null, null, '2026-01-06', 'pending');
  `);
  const bytes = old.serialize();
  old.close();
  return bytes;
}
