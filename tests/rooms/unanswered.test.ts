import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import pg from "pg";
import t from "tap";
import { databaseError } from "../../src/db/database-error.ts";

void t.test(
  "a server that lets one connect and says nothing is told as one that cannot be reached",
  async (t) => {
    const server = createServer();
    t.teardown(() => server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const client = new pg.Client({ host: "127.0.0.1", port, user: "nobody", connectionTimeoutMillis: 50 });
    client.on("error", () => undefined);

    const error = await client.connect().then(
      () => undefined,
      (cause: unknown) => databaseError(cause, "change the schema", "the store"),
    );

    t.match(error, {
      code: "db.unreachable",
      message: /the server does not answer/,
      hint: /Check host, port/,
    });
  },
);
