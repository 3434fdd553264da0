import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { CowriedbError, messageOf } from "../errors.ts";
import { visible } from "../term.ts";

/**
 * Lets `fill` make a file under another name, and gives it its name when it is whole and on the disk; nothing is left where
 * it fails. Throws `backup.exists` where there is such a file, and `backup.cannot_write`.
 */
export async function placed<T>(path: string, fill: (part: string) => Promise<T>): Promise<T> {
  refuseExisting(path);
  const part = `${path}.${randomBytes(4).toString("hex")}.part`;
  try {
    // Made first, so that nobody else ever reads it.
    closeSync(writing(part, path));
    const result = await fill(part);
    sync(part);
    take(part, path);
    sync(dirname(path));
    return result;
  } finally {
    for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true });
  }
}

/** Writes a small document beside a backup. */
export function placeDocument(path: string, document: unknown): void {
  writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  sync(path);
}

/** Throws `backup.exists`: a backup never takes the place of another. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new CowriedbError("backup.exists", `There is a file ${visible(path)} already.`, {
    hint: "Give another name; a backup never takes the place of a file.",
  });
}

function writing(part: string, path: string): number {
  try {
    return openSync(part, "wx", 0o600);
  } catch (cause) {
    throw new CowriedbError(
      "backup.cannot_write",
      `The backup cannot be written to ${visible(path)}: ${messageOf(cause)}.`,
      { hint: "Name a file in a folder that this user may write to, with space for it.", cause },
    );
  }
}

/** A link refuses an existing name, which a renaming would replace; not every file system has links. */
function take(part: string, path: string): void {
  try {
    linkSync(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") refuseExisting(path);
    renameSync(part, path);
  }
}

function sync(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
