declare module "unbzip2-stream" {
  import type { Duplex } from "node:stream";
  /** Makes a stream that turns bzip2 into the bytes it holds. */
  export default function unbzip2(): Duplex;
}
