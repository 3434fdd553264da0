import t from "tap";
import { setPragmas } from "../../src/db/pragmas.ts";
import { freshStore } from "../helpers/database.ts";

void t.test("every connection to a file is set as the design says", async (t) => {
  const store = await freshStore({ name: "SQLite", dialect: "sqlite" });
  t.teardown(store.dispose);
  if (store.database.dialect !== "sqlite") return;
  const { handle } = store.database;
  const read = (name: string): unknown => handle.pragma(name, { simple: true });

  t.same(
    ["synchronous", "cache_size", "foreign_keys", "busy_timeout", "trusted_schema"].map(read),
    [1, -64_000, 1, 10_000, 0],
  );
  const lying = new Proxy(handle, {
    get: (of, name) =>
      name === "pragma"
        ? (text: string, how?: object): unknown => (text === "trusted_schema" ? 1 : of.pragma(text, how))
        : Reflect.get(of, name),
  });
  t.throws(() => setPragmas(lying, "keep"), { code: "db.pragma", message: /trusted_schema reads back 1/ });
});
