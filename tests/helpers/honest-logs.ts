import { generatedLine, generatedLines, logOf } from "./generated-logs.ts";

type Random = (below: number) => number;

/** Refused until its event id is registered. */
const numbered = '{"eventid":"COW9999","session":"odd6","timestamp":"2026-01-05T10:00:06Z"}';

/** Lines that a log should not have and has: hostile ones, broken ones, long ones. */
const oddLines = [
  '{"eventid":"cowrie.login.failed","session":"odd1","timestamp":"2026-01-05T10:00:00Z","password":"\\u0000\\ud800"}',
  '{"eventid":"cowrie.session.closed","session":"odd1","timestamp":"2026-01-05T10:00:01+02:00","duration":1e999}',
  '  {"eventid":"cowrie.login.failed","session":"odd2","timestamp":"2026-01-05 10:00:02","username":"\\ud83d\\udc1a"} \t',
  '{"eventid":"cowrie.command.input","session":"od\\u0000d3","timestamp":"2031-01-05T10:00:03Z","input":"\\u202e\\u001b[2J"}',
  '{"eventid":"cowrie.command.input","eventid":"x","session":"odd3","timestamp":"2026-01-05T10:00:03Z"}',
  '\ufeff{"eventid":"cowrie.log.closed","session":"odd4","timestamp":"2026-01-05T10:00:04Z","shasum":"no","size":1.50}',
  '[{"eventid":"cowrie.client.size","session":"odd5","timestamp":"2026-01-05T10:00:05Z"}, {"eventid":"x"}]',
  numbered,
  '{"eventid":"cowrie.session.connect","session":"odd7","timestamp":"2026-01-05T10:00:07\ud83d","src_ip":"::ffff:192.0.2.9"}',
  '{"eventid":"COW0005","session":"odd8","timestamp":"2016-01-05T10:00:07Z","input":"ls","SRC_IP":"10.0.0.1","src_ip":"10.0.0.1"}',
  "\u0000\u0000",
  `{"cut":"${"y".repeat(70_000)}`,
  `{"eventid":"cowrie.command.input","session":"odd9","timestamp":"2026-01-05T10:00:08Z","input":"${"z".repeat(66_000)}"}`,
];

/** Files of several loads: lines in a made-up order, some glued, some over several lines, some again. */
export function honestFiles(random: Random): { name: string; content: Buffer }[][] {
  const lines = generatedLines(60 + random(120), random(1_000_000), 12);
  const parts: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const turn = random(12);
    if (turn === 0) parts.push(`${line}${lines[random(lines.length)] ?? ""}`);
    else if (turn === 1 && line.startsWith("{") && line.endsWith("}")) parts.push(spreadOut(line));
    else if (turn === 2) parts.push(oddLines[random(oddLines.length)] ?? "", line);
    else parts.push(turn === 3 ? `${line}\r` : line);
  }
  const cut =
    '{"eventid":"cowrie.login.failed","session":"cut","timestamp":"2026-01-06T00:00:00Z","username":"r"}';
  const first = Buffer.concat([logOf([...parts, numbered, "no json"]), Buffer.from(cut.slice(0, 40))]);
  const second = Buffer.concat([
    Buffer.from(`${cut.slice(40)}\n`),
    logOf([spreadOut(generatedLine({ kind: 4, session: 9, second: 3, address: 1, sensor: 1, variant: 3 }))]),
    logOf(lines.slice(0, 20)),
  ]);
  const files = [
    { name: "cowrie.json.2026-01-05", content: first },
    { name: "cowrie.json.2026-01-06", content: second },
  ];
  return [files, [{ name: "again.json", content: logOf(lines.slice(random(30))) }]];
}

/** Two files that give a small store something of everything. */
export function tamperedLog(): Buffer[] {
  const lines = [...generatedLines(110, 77, 9), ...oddLines.filter((line) => !line.startsWith("\u0000"))];
  const glued = `${lines[3] ?? ""}${lines[4] ?? ""}`;
  const files = lines.filter((line) => line.includes("file_download")).slice(0, 3);
  return [
    logOf([...lines, "", glued, "no json"]),
    logOf([...lines.slice(40, 60), ...files, ...generatedLines(20, 78, 9)]),
  ];
}

function spreadOut(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), undefined, 2);
  } catch {
    return line;
  }
}
