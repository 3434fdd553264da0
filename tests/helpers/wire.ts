import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A way to a PostgreSQL server on which every statement is written down as it goes by. */
export interface Wire {
  /** The server's URL, by this way. */
  url: string;
  /** The statements that clients have sent since it was last asked, byte for byte. */
  sent(): string[];
  close(): Promise<void>;
}

/** Opens a way to the server of a URL. */
export async function wireTo(url: string): Promise<Wire> {
  const at = new URL(url);
  const sockets = new Set<Socket>();
  let seen: string[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(at.port), at.hostname);
    const read = statementReader((text) => void seen.push(text));
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", read);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
    sent: () => {
      const sent = seen;
      seen = [];
      return sent;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** Reads what a client sends and tells of each statement: of a simple query, and of one that is parsed first. */
function statementReader(tell: (text: string) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let hasBegun = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = hasBegun ? 1 : 0;
      if (rest.length < head + 4) return;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return;
      const kind = hasBegun ? String.fromCharCode(rest[0] ?? 0) : "";
      const body = rest.subarray(head + 4, end);
      if (kind === "Q") tell(body.toString("utf8", 0, body.indexOf(0)));
      if (kind === "P") {
        const from = body.indexOf(0) + 1;
        tell(body.toString("utf8", from, body.indexOf(0, from)));
      }
      hasBegun = true;
      rest = rest.subarray(end);
    }
  };
}
