import { event, eventAt, stored, storedValues, type Draft, type Stored } from "./build.ts";

/** Rows 98 to 100: addresses, and bytes as Python writes them. */
export function addressCases(): Draft[] {
  return [...spellings(), ...noAddresses(), ...bogons(), ...pythonText()];
}

function address(text: string, src_ip: string | null, flags = ""): Stored {
  return { line: event({ src_ip: text }), flags, columns: { src_ip } };
}

function spellings(): Draft[] {
  const same = ["192.0.2.7", "198.51.100.255", "203.0.113.0", "2001:db8::1", "2001:db8::"];
  return [
    stored(
      98,
      "addresses in their usual form",
      same.map((text) => address(text, text)),
    ),
    stored(98, "IPv4 inside IPv6", [
      address("::ffff:192.0.2.7", "192.0.2.7"),
      address("::FFFF:192.0.2.7", "192.0.2.7"),
      address("::ffff:c000:207", "192.0.2.7"),
      address("0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"),
      address("::ffff:10.0.0.1", "10.0.0.1", "bogon"),
    ]),
    stored(98, "IPv6 in other spellings", [
      address("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
      address("2001:DB8::1", "2001:db8::1"),
      address("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
      address("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ]),
    stored(98, "an address with a zone", [address("fe80::1%eth0", "fe80::1%eth0", "bogon")], {
      note: "Link-local with the name of an interface; the original spelling is kept.",
    }),
  ];
}

function noAddresses(): Draft[] {
  const texts = [
    "010.0.0.1",
    "192.0.2.07",
    "192.0.2",
    "1.2.3",
    "192.0.2.256",
    "192.0.2.7/24",
    " 192.0.2.7",
    "192.0.2.7 ",
    "192.0.2.7\n",
    "3221225991",
    "0xc0000207",
    "[2001:db8::1]",
    "192.0.2.7:22",
    "1::2::3",
    "12345::",
    "2001:db8::g",
    "",
    "unknown",
    "host.example",
    "\uff11\uff19\uff12.0.2.7",
    "2001:db8::1/64",
    "192.0.2.7'; DROP TABLE raw_events;--",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ];
  return [
    stored(
      98,
      "texts that are no address",
      texts.map((text) => address(text, text, "bad_ip")),
    ),
    stored(98, "a text of 513 characters that is no address", [address("1".repeat(513), null, "bad_ip")]),
    stored(98, "no address", [
      { line: event({ src_ip: undefined }), columns: { src_ip: null } },
      { line: event({ src_ip: null }), columns: { src_ip: null } },
    ]),
  ];
}

function bogons(): Draft[] {
  const texts = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "169.254.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "fe80::1",
    "febf::1",
    "fc00::1",
    "fd12:3456:789a::1",
  ];
  return [
    stored(
      99,
      "sources that are not on the internet",
      texts.map((text) => address(text, text, "bogon")),
    ),
    stored(99, "a private source in another spelling", [
      address("0:0:0:0:0:0:0:1", "::1", "bogon"),
      address("FE80:0::1", "fe80::1", "bogon"),
    ]),
    stored(
      99,
      "documentation addresses are no bogons",
      ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8:ffff::1"].map((text) => address(text, text)),
    ),
    stored(99, "a private address in another field", [{ line: event({ dst_ip: "172.17.0.2" }) }]),
  ];
}

function pythonText(): Draft[] {
  return [
    storedValues(100, "bytes as older Cowrie writes them", "username", [
      "b'\\xaf'",
      "b'ro\\x00ot'",
      'b"\\xff\'"',
      "b''",
    ]),
    storedValues(100, "escapes as newer Cowrie writes them", "password", [
      "\\x1b[31m",
      "a\\\\b",
      "\\x00",
      "\\n",
      "\\u0041",
    ]),
    storedValues(100, "a client's version as bytes", "version", ["b'SSH-2.0-Go'", "SSH-2.0-\\x16\\x03"], {
      eventid: "cowrie.client.version",
    }),
    stored(100, "one password, spelt as two versions spell it, is two values", [
      { line: eventAt(1, { password: "\u001b" }), columns: { password: "\u001b" } },
      { line: eventAt(2, { password: "\\x1b" }), columns: { password: "\\x1b" } },
    ]),
  ];
}
