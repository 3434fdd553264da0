import { packEvidence } from "../../events/evidence.ts";
import { digestOf } from "../../checksum.ts";
import type { SealedMark } from "../../events/record-digest.ts";
import { addEvent, emptyAccumulator, newArenas, type Arenas } from "./accumulator.ts";
import { columnsOf, textsOf } from "./batch-columns.ts";
import { ordered, withoutRepeats } from "./batch-order.ts";
import type { DeadLetter, SkipCode } from "./records.ts";

/**
 * A batch as the reader hands it over: events in the order of their identity, each once, ready to be bound to
 * `events/insert_batch`.
 */
export interface ReadBatch {
  firstOffset: number;
  endOffset: number;
  recordsRead: number;
  events: number;
  /** Session ids as a JSON array. */
  sessions: string;
  /** 27 characters an event. */
  times: Uint8Array;
  /** BLAKE3 of each record, 32 bytes an event. */
  leaves: Uint8Array;
  /** The first 16 bytes of each leaf. */
  digests: Uint8Array;
  /** The records as read, newline-joined, then the payloads that differ from their records. */
  text: Uint8Array;
  /** Bytes of `text` that are records. */
  linesBytes: number;
  /** Start in `text` of each record, and behind the last. */
  lineStart: Uint32Array;
  /** Start (from 1) and length in `text` of each payload, ten digits each. */
  spans: Uint8Array;
  /** Distinct flags and canonical values as a JSON array; the first has none. */
  marks: string;
  /** The number of each event's mark, six digits. */
  marksOf: Uint8Array;
  /** The events that have a mark, in the order of the events. */
  marked: SealedMark[];
  /** The records of `text`, compressed. */
  evidence: Uint8Array;
  /** BLAKE3 of `evidence`. */
  evidenceDigest: Uint8Array;
  /** Events that the batch itself has several times: ordinal and further sightings. */
  repeats: [ordinal: number, sightings: number][];
  letters: DeadLetter[];
  skips: Partial<Record<SkipCode, number>>;
  firstEventAt: string | null;
  lastEventAt: string | null;
  /** BLAKE3 of the stream's bytes before `endOffset`. */
  prefixDigest: Uint8Array;
  /** The sensor of the batch's first event. */
  sensor: string;
}

/** Collects records until a batch is full. */
export interface BatchBuilder {
  add(bytes: Buffer, from: number, to: number): void;
  letter(letter: DeadLetter): void;
  skip(code: SkipCode): void;
  /** Records so far: accepted, refused and skipped. */
  records(): number;
  events(): number;
  letters(): number;
  /** Bytes that the batch keeps in memory. */
  bytes(): number;
  /**
   * Sorts, compresses and hands over; the builder starts anew at `endOffset`. `spare` is memory of an earlier batch that
   * may be used again.
   */
  take(endOffset: number, prefixDigest: Buffer, spare?: ArrayBuffer): ReadBatch;
}

/** Makes a builder whose first batch starts at `startOffset`; nobody else makes a batch in its arenas meanwhile. */
export function batchBuilder(startOffset: number, arenas: Arenas = newArenas()): BatchBuilder {
  let firstOffset = startOffset;
  let held = emptyAccumulator(arenas);

  function take(endOffset: number, prefixDigest: Buffer, spare?: ArrayBuffer): ReadBatch {
    const { unique, repeats } = withoutRepeats(held, ordered(held));
    const batch: ReadBatch = {
      firstOffset,
      endOffset,
      recordsRead: held.sessions.length + held.letters.length + held.skipped,
      events: unique.length,
      ...columnsOf(held, unique),
      ...textsOf(held, unique, spare),
      evidence: new Uint8Array(),
      evidenceDigest: new Uint8Array(),
      repeats,
      letters: held.letters,
      skips: held.skips,
      prefixDigest,
      sensor: held.sensor,
    };
    batch.evidence = packEvidence(batch.text.subarray(0, batch.linesBytes));
    batch.evidenceDigest = digestOf(batch.evidence);
    firstOffset = endOffset;
    held = emptyAccumulator(arenas);
    return batch;
  }

  return {
    add: (bytes, from, to) => {
      addEvent(held, bytes, from, to);
    },
    letter: (letter) => {
      held.letters.push(letter);
      held.letterBytes += letter.head.length + (letter.tail?.length ?? 0) + 200;
    },
    skip: (code) => {
      held.skips[code] = (held.skips[code] ?? 0) + 1;
      held.skipped++;
    },
    records: () => held.sessions.length + held.letters.length + held.skipped,
    events: () => held.sessions.length,
    letters: () => held.letters.length,
    bytes: () => held.used + held.payloadBytes + held.letterBytes,
    take,
  };
}
