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

// The digest of nothing, as BLAKE3's authors publish it.
const empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
writeFileSync(
  join(corpusPath(), "../../chain.json"),
  `${JSON.stringify({ empty_input: empty, records, batches }, undefined, 2)}\n`,
);
