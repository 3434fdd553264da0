import { createServer, connect, type AddressInfo, type Socket } from "node:net";

/** A pooler before a PostgreSQL server, as simple as can be: for servers that trust who comes. */
export interface Pooler {
  url: string;
  close(): Promise<void>;
}

/** A connection to the server, logged in. */
interface Backend {
  socket: Socket;
  /** Who has it. */
  client: Socket | undefined;
  /** Called when no transaction is open. */
  release: (() => void) | undefined;
}

/**
 * Opens a pooler. In the mode `transaction` a connection goes back to the pool when the server says that no transaction is open, and
 * the last one that came back is given out first; in the mode `session` when its client leaves.
 */
export async function poolerTo(url: string, mode: "transaction" | "session"): Promise<Pooler> {
  const at = new URL(url);
  const idle: Backend[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    let backend: Backend | undefined;
    let startup: Buffer | undefined;
    const giveBack = (): void => {
      if (backend === undefined) return;
      backend.client = undefined;
      idle.push(backend);
      backend = undefined;
    };
    client.on("error", () => undefined);
    client.on("close", giveBack);
    // One thing after another, for a connection may have to be made first.
    let queue = Promise.resolve();
    client.on("data", (bytes: Buffer) => {
      queue = queue.then(async () => {
        if (startup === undefined) {
          startup = bytes;
          client.write(welcome);
          return;
        }
        if (bytes[0] === 0x58) return void client.end();
        backend ??= idle.pop() ?? (await logIn(at, startup, sockets));
        backend.client = client;
        backend.release = mode === "transaction" ? giveBack : undefined;
        backend.socket.write(bytes);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = new URL(url);
  here.port = String((server.address() as AddressInfo).port);
  return {
    url: here.href,
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

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Authentication is done, a process id that is nobody's, ready for a query. */
const welcome = Buffer.concat([
  message("R", Buffer.from([0, 0, 0, 0])),
  message("S", Buffer.from("server_encoding\0UTF8\0")),
  message("K", Buffer.from([0, 0x7f, 0xff, 0xff, 1, 2, 3, 4])),
  message("Z", Buffer.from("I")),
]);

/** Makes a connection to the server and hands on what it says to whoever has it; what it says to the login is kept back. */
async function logIn(at: URL, startup: Buffer, sockets: Set<Socket>): Promise<Backend> {
  const socket = connect(Number(at.port), at.hostname);
  sockets.add(socket);
  socket.on("error", () => undefined);
  const backend: Backend = { socket, client: undefined, release: undefined };
  let rest: Buffer = Buffer.alloc(0);
  let isIn = false;
  await new Promise<void>((resolve) => {
    socket.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
        const end = 1 + rest.readInt32BE(1);
        const one = rest.subarray(0, end);
        rest = rest.subarray(end);
        const isReady = one[0] === 0x5a;
        if (isIn) backend.client?.write(one);
        if (!isReady) continue;
        if (isIn && one[5] === 0x49) backend.release?.();
        if (!isIn) resolve();
        isIn = true;
      }
    });
    socket.write(startup);
  });
  return backend;
}
