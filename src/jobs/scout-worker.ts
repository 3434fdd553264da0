import { parentPort, workerData } from "node:worker_threads";
import { openSqlite } from "../db/sqlite.ts";
import { isRight, type Piece } from "./look.ts";

// A thread beside the writer's, with a connection of its own that only reads.
const store = openSqlite((workerData as { path: string }).path, { readonly: true });

parentPort?.on("message", (piece: Piece | "leave") => {
  if (piece === "leave") {
    store.handle.close();
    parentPort?.close();
    return;
  }
  // What cannot be read is for the writer to meet, who says so.
  void isRight(store, piece)
    .catch(() => false)
    .then((right) => {
      parentPort?.postMessage(right);
    });
});
