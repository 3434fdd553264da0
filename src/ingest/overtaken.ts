import { setTimeout as sleep } from "node:timers/promises";
import { CowriedbError } from "../errors.ts";
import { inspect, type InputFile } from "./files.ts";
import { isSource, type SourceStart } from "./known-source.ts";
import { placeKey } from "./place.ts";
import type { WriteRequest } from "./write/writer.ts";

/** The error where another program has read on in a file, or begun with it, since this one looked; nothing is stored. */
export function overtaken({ shown }: InputFile): CowriedbError {
  return new CowriedbError(
    "ingest.overtaken",
    `Another program has loaded a part of ${shown} meanwhile; nothing of this batch was stored.`,
    { hint: "Run the same command again: it goes on where the other has stopped." },
  );
}

/** Whether work failed because another program was faster. Throws what else it throws. */
export async function wasOvertaken(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof CowriedbError && error.code === "ingest.overtaken") return true;
    throw error;
  }
}

/**
 * Throws `ingest.overtaken` where the store has a source that the file may be and with which it was not compared: it was
 * made since. To be asked where no other transaction can make one any more.
 */
export function assertNoOther(
  { file, sourceId, compared }: WriteRequest,
  own: number | undefined,
  candidates: readonly (SourceStart & { source_id: number })[],
): void {
  if (sourceId !== null) return;
  const others = candidates.filter(
    ({ source_id: id }) => Number(id) !== own && !compared.includes(Number(id)),
  );
  if (others.some((source) => isSource(source, file))) throw overtaken(file);
}

/** Longest wait, so that two programs do not take turns over every batch. */
const longestMs = 2_000;

/** Lets the other program go on, longer each time. */
export async function giveWay(tries: number): Promise<void> {
  await sleep(Math.min(longestMs, 50 * 2 ** tries) * (0.5 + Math.random()));
}

/** Looks at a file again in which another program reads; what a look at its neighbours has shown stays true. */
export async function lookAgain(file: InputFile, isDelta: boolean): Promise<void> {
  const before = { ...file };
  Object.assign(file, await inspect(file.path), { isOpenEnded: isDelta });
  if (file.place === null || before.place === null || placeKey(file.place) !== placeKey(before.place)) return;
  file.skipBytes = before.skipBytes;
  if (file.sizeBytes !== before.sizeBytes) return;
  file.closing = before.closing;
  file.isOpenEnded = before.isOpenEnded;
}
