import { BlockList, isIP } from "node:net";

/** An address of a log: its one canonical spelling, and whether it can be a host of the public internet. */
export interface Address {
  /** Undefined where the text is no address. */
  canonical: string | undefined;
  isBogon: boolean;
}

const bogons = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  bogons.addSubnet(network, bits, "ipv4");
}
bogons.addAddress("::", "ipv6");
bogons.addAddress("::1", "ipv6");
for (const [network, bits] of [
  ["fe80::", 10],
  ["fc00::", 7],
  ["ff00::", 8],
] as const) {
  bogons.addSubnet(network, bits, "ipv6");
}

const remembered = new Map<string, Address>();
const mostRemembered = 20_000;

/**
 * Looks at an address as a log has it. IPv4 in IPv6 (`::ffff:192.0.2.1`) becomes IPv4, IPv6 the spelling of RFC 5952.
 * Octets with leading zeros are no address: readers disagree whether they are octal. Private, loopback, link-local,
 * reserved and multicast networks are bogons; documentation networks are not.
 */
export function readAddress(text: string): Address {
  let address = remembered.get(text);
  if (address === undefined) {
    address = look(text);
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(text, address);
  }
  return address;
}

function look(text: string): Address {
  const version = isIP(text);
  if (version === 0) return { canonical: undefined, isBogon: false };
  if (version === 4) return { canonical: text, isBogon: bogons.check(text, "ipv4") };
  const [bare = "", zone] = text.split("%", 2);
  const compressed = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  if (mapped !== null) {
    const high = Number.parseInt(mapped[1] ?? "0", 16);
    const low = Number.parseInt(mapped[2] ?? "0", 16);
    const dotted = [high >> 8, high & 255, low >> 8, low & 255].join(".");
    return { canonical: dotted, isBogon: bogons.check(dotted, "ipv4") };
  }
  const canonical = zone === undefined ? compressed : `${compressed}%${zone}`;
  return { canonical, isBogon: bogons.check(bare, "ipv6") };
}
