import { startCrew } from "../../db/crew.ts";
import { holdSnapshot } from "../../db/snapshot.ts";
import { makeDo, openSqlite, type Sqlite } from "../../db/sqlite.ts";
import { inWriting } from "../../db/writing.ts";
import { CowriedbError, type ExitCode } from "../../errors.ts";
import type { ChunkOutcome, ChunkTask } from "./copy-chunk.ts";
import type { PartProof, ProofTask } from "./proof-part.ts";
import type { CopierAnswer, CopierTask } from "./copy-worker.ts";

/** Threads that copy parts, each with a reader of the source and a connection to the target. */
export interface Copiers {
  /** A reader of the source that sees what they see. */
  reader: Sqlite;
  copy(chunk: ChunkTask): Promise<ChunkOutcome>;
  prove(part: ProofTask): Promise<PartProof>;
  /** Lets all but so many go, once nothing is asked of them. */
  shrink(size: number): Promise<void>;
  close(): Promise<void>;
}

/** A payload may have tens of megabytes, and is a text here. */
const heapMegabytes = 192;

/**
 * Starts copiers. All of them, and `reader`, see the source as it is at one moment: each begins to read while a connection of ours
 * has the write lock, which nobody else can commit without; what `atThatMoment` writes is committed behind it.
 */
export async function startCopiers(
  source: Sqlite,
  target: { url: string; shown: string; snapshot?: string },
  size: number,
  atThatMoment: () => Promise<void> = async () => Promise.resolve(),
): Promise<Copiers> {
  const script = new URL("./copy-worker.js", import.meta.url);
  const crew = startCrew<CopierTask, CopierAnswer>(script, source.path, size, heapMegabytes);
  const reader = frugalReader(source);
  let left = size;
  const all = async (task: CopierTask): Promise<void> => {
    const answers = await Promise.all(Array.from({ length: size }, async () => crew.ask(task)));
    for (const answer of answers) given(answer);
  };
  const close = async (): Promise<void> => {
    reader.handle.close();
    await Promise.all(Array.from({ length: left }, async () => crew.ask({ kind: "leave" })));
    await crew.close();
  };
  try {
    await all({ kind: "connect", ...target });
    await inWriting(source, async () => {
      holdSnapshot(reader);
      await all({ kind: "hold" });
      await atThatMoment();
    });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    reader,
    copy: async (chunk) => {
      const answer = given(await crew.ask({ kind: "copy", chunk }));
      if (!("outcome" in answer)) throw new TypeError("a copier answers with what became of a part");
      return answer.outcome;
    },
    prove: async (part) => {
      const answer = given(await crew.ask({ kind: "prove", part }));
      if (!("proof" in answer)) throw new TypeError("a copier answers with what a comparison came to");
      return answer.proof;
    },
    shrink: async (fewer) => {
      left = Math.min(left, fewer);
      await crew.shrink(left, { kind: "leave" });
    },
    close,
  };
}

/** Of a connection that looks up keys and single rows, beside those that read whole tables. */
const readerKibibytes = 2_000;

/** Another connection to a SQLite store, which reads alone and keeps little of it. */
export function frugalReader({ path }: Sqlite): Sqlite {
  const reader = openSqlite(path, { readonly: true });
  makeDo(reader, readerKibibytes);
  return reader;
}

/** What a copier has answered; throws what it has met. */
function given(answer: CopierAnswer | undefined): Exclude<CopierAnswer, { error: unknown }> {
  if (answer === undefined)
    throw new CowriedbError("hydrate.copier_died", "A thread that copies has died.", {
      hint: "It may have run out of memory. Run the same command again: it goes on where it stopped.",
    });
  if (!("error" in answer)) return answer;
  const { code, message, hint, exitCode } = answer.error;
  throw new CowriedbError(code, message, {
    exitCode: exitCode as ExitCode,
    ...(hint === undefined ? {} : { hint }),
  });
}
