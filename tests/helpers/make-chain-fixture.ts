import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash } from "blake3";
import { corpusPath } from "./hostile-corpus.ts";

// Writes tests/fixtures/chain.json anew, by a computation of its own: every number goes through hexadecimal text.
const digest = (hex: string): string => Buffer.from(hash(Buffer.from(hex, "hex"))).toString("hex");
const eight = (value: bigint): string => value.toString(16).padStart(16, "0");

const records = [
  "",
  "{}",
  '{"eventid":"cowrie.session.connect","session":"0a1b2c3d4e5f","timestamp":"2026-01-05T10:00:00.000000Z"}',
  '{"eventid":"cowrie.login.failed","session":"0a1b2c3d4e5f","timestamp":"2026-01-05T10:00:01.5Z","password":"caf\u00e9 \u{1f41a}"}',
  `{"eventid":"cowrie.command.input","input":"${"x".repeat(5_000)}"}`,
].map((text) => {
  const leaf = digest(Buffer.from(text).toString("hex"));
  return { record_base64: Buffer.from(text).toString("base64"), leaf, line_digest: leaf.slice(0, 32) };
});

let previous = "0".repeat(64);
const batches = [
  { batch_id: 1, ordinals: [0, 1, 2, 3, 4] },
  { batch_id: 2, ordinals: [] },
  { batch_id: 3, ordinals: [1, 4] },
  { batch_id: 8_589_934_591, ordinals: [0] },
].map(({ batch_id, ordinals }, position) => {
  const text = ordinals.map(
    (ordinal) => eight(BigInt(batch_id) * 1_048_576n + BigInt(ordinal)) + (records[ordinal]?.leaf ?? ""),
  );
  const batch_digest = digest(text.join(""));
  const chain_digest = digest(previous + eight(BigInt(batch_id)) + batch_digest);
  const batch = {
    batch_id,
    ordinals,
    batch_digest,
    chain_position: position + 1,
    previous_chain_digest: previous,
    chain_digest,
  };
  previous = chain_digest;
  return batch;
});

// Record digests; the texts are written out by hand, as evidence.md describes them.
const utf8 = (text: string): string => Buffer.from(text).toString("hex");
const rows = [
  {
    row: {
      batch_id: 7,
      source_id: 2,
      run_id: "run",
      kind: "load",
      carried_for_batch_id: null,
      first_offset: 0,
      end_offset: 900,
      records_read: 6,
      events_accepted: 2,
      events_duplicate: 1,
      records_rejected: 2,
      records_skipped: 1,
      skip_counts: '{"blank":1,"array":0}',
      first_event_at: "2026-01-05T10:00:00.000000Z",
      last_event_at: "2026-01-05T10:00:01.500000Z",
      opened_at: "2026-02-01T00:00:00.000000Z",
      sealed_at: "2026-02-01T00:00:01.000000Z",
      actor: "caf\u00e9",
    },
    row_line:
      '[7,2,"run","load",null,0,900,6,2,1,2,1,[["array",0],["blank",1]],"2026-01-05T10:00:00.000000Z","2026-01-05T10:00:01.500000Z","2026-02-01T00:00:00.000000Z","2026-02-01T00:00:01.000000Z","caf\u00e9"]\n',
    evidence_hex: "1f8b",
    letters: [
      {
        source_id: 2,
        source_offset: 5,
        record_bytes: 1,
        record_hex: "7b",
        tail_hex: null,
        reason: "bad_json",
        detail: "at 0",
      },
      {
        source_id: 2,
        source_offset: 9,
        record_bytes: 70_000,
        record_hex: "7b22",
        tail_hex: "227d",
        reason: "too_long",
        detail: "",
      },
    ],
    sightings: [{ line_digest: "0123456789abcdef0123456789abcdef", sightings: 3 }],
    marks: [
      { ordinal: 1, session_id: "s1", flags: "glued", canonical_ip: "192.0.2.1", canonical_type: null },
    ],
    mark_lines: '[1,"s1","glued","192.0.2.1",null]\n',
  },
];
const recordVectors = rows.map((vector) => {
  const letterDigests = ["7b", "7b22227d"].map(digest);
  const letterLines = `[2,5,1,"${letterDigests[0] ?? ""}",0,"bad_json","at 0"]\n[2,9,70000,"${letterDigests[1] ?? ""}",1,"too_long",""]\n`;
  const parts = [
    digest(utf8(vector.row_line)),
    digest(vector.evidence_hex),
    digest(utf8(letterLines)),
    digest(vector.sightings.map((seen) => seen.line_digest + eight(BigInt(seen.sightings))).join("")),
    digest(utf8(vector.mark_lines)),
    digest("7b22227d"),
  ];
  const letters = vector.letters.map((letter, index) => ({ ...letter, record_digest: letterDigests[index] }));
  return {
    ...vector,
    letters,
    letter_lines: letterLines,
    record_parts: parts.join(""),
    record_digest: digest(parts.join("")),
    running_digest: digest("0".repeat(64) + digest(parts.join(""))),
  };
});

// The digest of nothing, as BLAKE3's authors publish it.
const empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
writeFileSync(
  join(corpusPath(), "../../chain.json"),
  `${JSON.stringify({ empty_input: empty, records, batches, record_digests: recordVectors }, undefined, 2)}\n`,
);
