import { randomUUID } from "node:crypto";
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/**
 * Writes a text file in one step: a reader sees the one before or this one, whole, and nothing is left of one that fails.
 * `temporary` is its name until then, in the same folder; `mode` is what it may be read by whatever the umask says.
 */
export function writeWhole(
  path: string,
  text: string,
  { temporary = `${path}.${randomUUID()}.part`, mode }: { temporary?: string; mode?: number } = {},
): void {
  const fd = openSync(temporary, "wx", mode ?? 0o666);
  try {
    try {
      if (mode !== undefined) fchmodSync(fd, mode);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
