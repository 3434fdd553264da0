import { isIPv6 } from "node:net";

/**
 * The one spelling of an address: IPv6 as in RFC 5952, IPv4 inside IPv6 (::ffff:0:0/96) as IPv4. What is no address, or
 * carries a zone (%eth0), stays as it is; so does IPv4, which has one spelling only.
 */
export function canonicalAddress(text: string): string {
  if (!text.includes(":") || text.includes("%") || !isIPv6(text)) return text;
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (mapped === null) return short;
  const high = parseInt(mapped[1] ?? "", 16);
  const low = parseInt(mapped[2] ?? "", 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
