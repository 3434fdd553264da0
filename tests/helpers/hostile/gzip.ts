/**
 * One gzip member whose data is stored, not compressed: the same bytes with every version of zlib, and cut anywhere it
 * unpacks to exactly what stands before the cut. Takes up to 65,535 bytes.
 */
export function storedMember(data: Uint8Array, name = ""): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, name === "" ? 0 : 8, 0, 0, 0, 0, 0, 0xff]);
  const nameField = name === "" ? Buffer.alloc(0) : Buffer.from(`${name}\0`, "latin1");
  const block = Buffer.from([1, 0, 0, 0, 0]);
  block.writeUInt16LE(data.length, 1);
  block.writeUInt16LE(data.length ^ 0xffff, 3);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, nameField, block, data, trailer]);
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
