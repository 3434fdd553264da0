import { parentPort } from "node:worker_threads";
import { serveReader } from "./serve.ts";

if (parentPort !== null) serveReader(parentPort);
