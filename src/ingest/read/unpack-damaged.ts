import { createGunzip } from "node:zlib";

/**
 * What a damaged gzip stream still gives: Node keeps what the piece with the fault gave before it to itself. So the stream
 * is unpacked again, without the first `given` bytes, byte by byte behind the `good` bytes that were unpacked well.
 */
export async function* restOfDamaged(
  source: AsyncIterable<Buffer>,
  good: number,
  given: number,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const ready: Buffer[] = [];
  let hasFailed = false;
  let onDone = (): void => undefined;
  gunzip.on("data", (chunk: Buffer) => ready.push(chunk));
  gunzip.on("error", () => {
    hasFailed = true;
    onDone();
  });
  let known = given;
  const fresh = (): Buffer[] =>
    ready.splice(0).flatMap((chunk) => {
      const part = chunk.subarray(Math.min(known, chunk.length));
      known -= chunk.length - part.length;
      return part.length === 0 ? [] : [part];
    });
  let read = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length && !hasFailed;) {
      const size = read < good ? Math.min(good - read, chunk.length - at, 65_536) : 1;
      const piece = chunk.subarray(at, at + size);
      await new Promise<void>((resolve) => {
        // The write that fails is never told to be done.
        onDone = resolve;
        gunzip.write(piece, onDone);
      });
      yield* fresh();
      at += size;
      read += size;
    }
    if (hasFailed) break;
  }
  // The last bytes may still be on their way to their listener.
  await new Promise((resolve) => setImmediate(resolve));
  yield* fresh();
  gunzip.destroy();
}
