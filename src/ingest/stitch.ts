import { open } from "node:fs/promises";
import { judge, passed, type GateRules } from "../events/gate.ts";
import { found } from "../events/found.ts";
import { scan, scanValue } from "../events/scan.ts";
import { familyOf, type InputFile } from "./files.ts";

/** Bytes at the end of a file among which the head of a cut line is looked for. */
const tailBytes = 65_536;

/**
 * Finds lines that a rotation has cut in two: the unfinished last line of one file and the first line of the next, each
 * no record alone, are one event together, and its time lies between those of its neighbours. The first file then ends
 * with the rest of the line, the second starts behind it. It follows from the files, so a second run decides alike; but
 * a head that `isRefused` says a load has refused without the rest leaves the rest to be read where it stands.
 */
export async function pairCutLines(
  files: readonly InputFile[],
  rules: GateRules,
  isRefused: IsRefused,
): Promise<void> {
  for (const head of files) {
    for (const next of followers(files, head)) {
      if (next.skipBytes > 0) continue;
      const cut = await cutLine(head, next, rules);
      if (cut === undefined) continue;
      if (await isRefused(head, cut.offset)) break;
      head.closing = cut.rest;
      next.skipBytes = cut.rest.length + 1;
      break;
    }
  }
}

/** Says whether the line that starts at an offset of a file has been read and refused. */
export type IsRefused = (file: InputFile, offset: number) => Promise<boolean>;

/** A line that ends in the next file: where it starts in the first, and the rest. */
interface CutLine {
  offset: number;
  rest: Buffer;
}

/**
 * Leaves unfinished last lines alone where more may come: in the file that is being written, and in one that rotation
 * has put aside while its successor has no whole line that would tell whether it begins with the rest.
 */
export async function holdOpenEnds(files: readonly InputFile[]): Promise<void> {
  for (const file of files) {
    if (file.closing !== null || file.compression !== "plain" || file.place === null) continue;
    if (!file.isClosed) file.isOpenEnded = true;
    else if (file.sizeBytes > 0 && (await endOf(file)).at(-1) !== 0x0a) {
      const next = nextOfFamily(files, file);
      file.isOpenEnded = next === undefined || !isFirstLineWhole(next);
    }
  }
}

function isFirstLineWhole({ firstBytes, sizeBytes }: InputFile): boolean {
  return firstBytes.includes(0x0a) || firstBytes.length < sizeBytes;
}

/** The files that may go on with the last line of one: the next of its family, and the next of all. */
function followers(files: readonly InputFile[], head: InputFile): InputFile[] {
  const next = nextOfFamily(files, head);
  const nextOfAll = files[files.indexOf(head) + 1];
  return [...new Set([next, nextOfAll])].filter((file) => file !== undefined);
}

function nextOfFamily(files: readonly InputFile[], head: InputFile): InputFile | undefined {
  const family = familyOf(head.path);
  const others = files.filter((file) => file !== head && familyOf(file.path) === family);
  const later = others.find((file) => files.indexOf(file) > files.indexOf(head));
  // Where a clock was set back, the file that is being written is still the later one.
  return later ?? (head.isClosed ? others.find((file) => !file.isClosed) : undefined);
}

async function cutLine(head: InputFile, next: InputFile, rules: GateRules): Promise<CutLine | undefined> {
  if (head.compression !== "plain" || head.sizeBytes === 0 || head.path.toString("latin1") === "-")
    return undefined;
  const stop = next.firstBytes.indexOf(0x0a);
  if (stop <= 0) return undefined;
  const rest = next.firstBytes.subarray(0, stop);
  if (isEvent(rest, rules)) return undefined;
  const end = await endOf(head);
  const lineStart = end.lastIndexOf(0x0a) + 1;
  const cut = end.subarray(lineStart);
  if (cut.length === 0 || (lineStart === 0 && end.length < head.sizeBytes)) return undefined;
  if (scanValue(cut, 0, cut.length) !== found.truncated || scan.kind !== 0x7b) return undefined;
  const whole = Buffer.concat([cut, rest]);
  if (!isEvent(whole, rules)) return undefined;
  const time = passed.occurredAt;
  const before = timeOfLastLine(end.subarray(0, Math.max(0, lineStart - 1)), rules);
  const after = timeOfFirstLine(next.firstBytes.subarray(stop + 1), rules);
  if ((before !== "" && time < before) || (after !== "" && time > after)) return undefined;
  return { offset: head.sizeBytes - cut.length, rest: Buffer.from(rest) };
}

/** Whether bytes are one event, whole. */
export function isEvent(bytes: Buffer, rules: GateRules): boolean {
  const stop = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  return scanValue(bytes, 0, stop) === found.value && scan.end === stop && judge(bytes, 0, stop, rules, []);
}

function timeOfLastLine(bytes: Buffer, rules: GateRules): string {
  const line = bytes.subarray(bytes.lastIndexOf(0x0a) + 1);
  return isEvent(line, rules) ? passed.occurredAt : "";
}

function timeOfFirstLine(bytes: Buffer, rules: GateRules): string {
  const stop = bytes.indexOf(0x0a);
  return stop > 0 && isEvent(bytes.subarray(0, stop), rules) ? passed.occurredAt : "";
}

async function endOf(file: InputFile): Promise<Buffer> {
  const length = Math.min(tailBytes, file.sizeBytes);
  const handle = await open(file.path);
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, file.sizeBytes - length);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
