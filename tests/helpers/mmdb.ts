import { rangeBits } from "./ranges.ts";

/** A network of an MMDB file, as `192.0.2.0/24` or `2001:db8::/32`, and what the file says of it. */
export interface MmdbNetwork {
  network: string;
  record: unknown;
}

/** How an MMDB file is written. */
export interface MmdbForm {
  type: string;
  recordSize: 24 | 28 | 32;
  /** 6 has IPv4 at `::/96`. */
  ipVersion: 4 | 6;
  buildEpoch: number;
}

type Node = [Branch, Branch];
/** Another node, the number of a record, or nothing. */
type Branch = Node | number | null;

/** Writes an MMDB file by version 2.0 of the format: what is narrower goes over what is wider. */
export function mmdbFile(networks: readonly MmdbNetwork[], form: MmdbForm): Buffer {
  const root: Node = [null, null];
  const byLength = networks
    .map(({ network, record }) => ({ bits: rangeBits(network, form.ipVersion), record }))
    .sort((left, right) => left.bits.length - right.bits.length);
  const data: Buffer[] = [];
  const offsets: number[] = [];
  let length = 0;
  for (const { bits, record } of byLength) {
    insert(root, bits, offsets.length);
    const bytes = encoded(record);
    offsets.push(length);
    data.push(bytes);
    length += bytes.length;
  }
  const nodes = numbered(root);
  const place = new Map(nodes.map((node, number) => [node, number]));
  const valueOf = (branch: Branch): number => {
    if (branch === null) return nodes.length;
    if (typeof branch === "number") return nodes.length + 16 + (offsets[branch] ?? 0);
    return place.get(branch) ?? 0;
  };
  const tree = nodes.map(([left, right]) => nodeBytes(valueOf(left), valueOf(right), form.recordSize));
  const description = encoded({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: form.buildEpoch,
    database_type: form.type,
    description: { en: "made for a test" },
    ip_version: form.ipVersion,
    languages: ["en"],
    node_count: nodes.length,
    record_size: form.recordSize,
  });
  const mark = Buffer.from("\xab\xcd\xefMaxMind.com", "latin1");
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, mark, description]);
}

function insert(root: Node, bits: string, record: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const side = Number(bit) as 0 | 1;
    const branch = node[side];
    const next: Node = branch !== null && typeof branch === "object" ? branch : [branch, branch];
    node[side] = next;
    node = next;
  }
  node[Number(bits.at(-1)) as 0 | 1] = record;
}

function numbered(root: Node): Node[] {
  const nodes: Node[] = [root];
  for (let at = 0; at < nodes.length; at++) {
    for (const branch of nodes[at] ?? [])
      if (branch !== null && typeof branch === "object") nodes.push(branch);
  }
  return nodes;
}

function nodeBytes(left: number, right: number, size: number): Buffer {
  const bytes = Buffer.alloc(size / 4);
  if (size === 28) {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
    bytes.writeUIntBE(right & 0xffffff, 4, 3);
    return bytes;
  }
  bytes.writeUIntBE(left, 0, size / 8);
  bytes.writeUIntBE(right, size / 8, size / 8);
  return bytes;
}

/** A value in the data section's form: objects, arrays, texts, truths, whole numbers and doubles. */
export function encoded(value: unknown): Buffer {
  if (typeof value === "boolean") return control(14, value ? 1 : 0);
  if (typeof value === "string")
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encoded)]);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) {
    const hex = value === 0 ? "" : value.toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
    return Buffer.concat([control(bytes.length > 4 ? 9 : 6, bytes.length), bytes]);
  }
  if (typeof value === "number") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  const entries = Object.entries(value as object);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, of]) => [encoded(key), encoded(of)]),
  ]);
}

/** The bytes before a value: its type and size. */
export function control(type: number, size: number): Buffer {
  const [short, more] =
    size < 29
      ? [size, Buffer.alloc(0)]
      : size < 285
        ? [29, Buffer.from([size - 29])]
        : [30, Buffer.from([(size - 285) >> 8, (size - 285) & 255])];
  return Buffer.concat([Buffer.from(type < 8 ? [(type << 5) | short] : [short, type - 7]), more]);
}
