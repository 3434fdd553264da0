/** The value of an address, by digits alone: not by the code that is tested. `2001:db8::1` or `192.0.2.1`. */
export function valueOf(address: string): bigint {
  if (!address.includes(":")) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [left = "", right] = address.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const middle = new Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...middle, ...tail].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

/** An address by its value, in dotted form or in eight groups. */
export function addressOf(value: bigint, version: 4 | 6): string {
  const parts: string[] = [];
  const [size, count] = version === 4 ? [8n, 4] : [16n, 8];
  for (let left = count; left > 0; left--)
    parts.push(
      ((value >> (size * BigInt(left - 1))) & ((1n << size) - 1n)).toString(version === 4 ? 10 : 16),
    );
  return parts.join(version === 4 ? "." : ":");
}

/** The bits of a network's prefix; in a tree of version 6, IPv4 lies at `::/96`. */
export function rangeBits(network: string, version: 4 | 6): string {
  const [address = "", length = ""] = network.split("/");
  const isFour = !address.includes(":");
  const whole = valueOf(address)
    .toString(2)
    .padStart(isFour ? 32 : 128, "0");
  const bits = whole.slice(0, Number(length));
  return isFour && version === 6 ? "0".repeat(96) + bits : bits;
}
