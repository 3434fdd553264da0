import DatabaseHandle from "better-sqlite3";
import { parentPort, workerData } from "node:worker_threads";

const handle = new DatabaseHandle(workerData as string, { fileMustExist: true });
handle.pragma("busy_timeout = 0");
handle.pragma("synchronous = normal");

parentPort?.on("message", () => {
  // PASSIVE waits for nobody and nobody waits for it.
  handle.pragma("wal_checkpoint(passive)");
  parentPort?.postMessage("done");
});
