import t from "tap";
import { summariesText } from "../../bench/made-up.ts";
import { engines, freshStore, typed } from "../helpers/database.ts";

/** Addresses that nobody on the internet has, and beside each one that somebody may have. */
const reserved = [
  ...["0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1", "172.16.0.1"],
  ...["172.31.255.255", "192.0.0.8", "192.0.2.7", "192.168.0.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"],
  ...[
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::ffff:8.8.8.8",
    "fe80::1",
    "fd00::1",
    "2001:db8::1",
    "3fff::1",
  ],
];
const others = [
  ...["1.0.0.1", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "169.253.1.1"],
  ...[
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.8",
    "192.167.0.1",
    "198.17.0.1",
    "198.51.101.7",
    "203.0.114.9",
  ],
  ...["223.255.255.255", "8.8.8.8", "2001:4860::8888", "2a00:1450::1", "2606:4700::1111"],
  ...["a name", "2001", "3fff", "12345"],
];

for (const engine of engines()) {
  void t.test(`${engine.name}: what is reserved is not public, and its neighbours may be`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const all = [...reserved, ...others];
    await typed(store.database, summariesText(engine.dialect, all.length));
    const rows = await typed(store.database, "select session_id from session_places order by summary_id");
    for (const [index, address] of all.entries())
      await typed(
        store.database,
        `update session_summaries set source_ip = '${address}' where session_id = '${String(rows[index]?.["session_id"])}'`,
      );

    const found = await typed(
      store.database,
      "select source_ip, snapshot_status from session_snapshots where is_due order by summary_id",
    );

    const expected = all.map((address, index) => ({
      source_ip: address,
      snapshot_status: index < reserved.length ? "not_public" : "unknown_address",
    }));
    t.same(found, expected);
  });
}
