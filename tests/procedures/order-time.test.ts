import t from "tap";
import { engines, freshStore, typed } from "../helpers/database.ts";

/** The first and the last instant that an event may have, and some between; PostgreSQL's time begins in 2000. */
const instants = [
  "0001-01-01 00:00:00.000000+00",
  "0001-01-01 00:00:00.000001+00",
  "0004-02-29 23:59:59.999999+00",
  "1969-12-31 23:59:59.999999+00",
  "1999-12-31 23:59:59.999999+00",
  "2000-01-01 00:00:00.000000+00",
  "2026-01-02 03:04:05.600001+00",
  "9999-12-31 23:59:59.999999+00",
];

for (const engine of engines().filter(({ dialect }) => dialect === "postgres")) {
  void t.test(`a pick gives back the time it was made of, to the microsecond (${engine.name})`, async (t) => {
    const store = await freshStore(engine);
    t.teardown(store.dispose);
    const list = instants.map((instant) => `(timestamptz '${instant}')`).join(", ");

    const rows = await typed(
      store.database,
      `select time_text(v.moment) as moment, time_text(order_time(v.pick)) as again,
        v.pick >= lag(v.pick, 1, '') over (order by v.moment) as is_in_order
      from (
        select m.moment, encode(timestamptz_send(m.moment + interval '17544000 hours'), 'hex') || 'ff' as pick
        from (values ${list}) as m (moment)
      ) as v
      order by v.moment`,
    );

    t.same(
      rows.map(({ again }) => again),
      instants.map((instant) => instant.replace(" ", "T").replace("+00", "Z")),
    );
    t.ok(rows.every(({ is_in_order }) => is_in_order === true));
  });
}
