import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes that may wait for the engine to free them. */
const mostWaiting = 4 << 20;

let collect: ((options: { type: "minor" }) => void) | undefined;
let waiting = 0;

/**
 * Says that values of so many bytes, which a driver has given, are not used any more. The engine, which sees none but small objects,
 * lets 32 megabytes of them wait in each thread; here it is told to free them before.
 */
export function isDone(bytes: number): void {
  waiting += bytes;
  if (waiting < mostWaiting) return;
  waiting = 0;
  collect ??= collector();
  collect({ type: "minor" });
}

/** Trap: the engine has such a function in contexts alone that are made behind the flag. */
function collector(): (options: { type: "minor" }) => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as (options: { type: "minor" }) => void;
}
