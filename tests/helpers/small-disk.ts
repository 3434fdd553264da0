import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of a given size. */
export interface SmallDisk {
  path: string;
  /** Gives the disk another size. */
  resize(bytes: number): void;
  /** Leaves no room. */
  fill(): void;
  usedBytes(): number;
  remove(): void;
}

/** Makes a disk in memory; undefined where this user may not mount one. */
export function smallDisk(bytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), "cowriedb-disk-"));
  if (!mounted(["-t", "tmpfs", "-o", `size=${pagesOf(bytes)}`, "tmpfs", path])) {
    rmSync(path, { recursive: true });
    return undefined;
  }
  chmodSync(path, 0o755);
  let isThere = true;
  const remove = (): void => {
    if (!isThere) return;
    isThere = false;
    process.off("exit", remove);
    spawnSync("umount", ["-l", path]);
    rmSync(path, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const usedBytes = (): number => {
    const { bsize, blocks, bfree } = statfsSync(path);
    return bsize * (blocks - bfree);
  };
  const isResized = (size: number): boolean => mounted(["-o", `remount,size=${pagesOf(size)}`, path]);
  return {
    path,
    resize: (size) => {
      if (!isResized(size)) throw new Error("The disk keeps its size.");
    },
    fill: () => {
      // A server writes between the look and the change, and a disk cannot be smaller than what is on it.
      for (let tries = 1; !isResized(usedBytes()); tries++)
        if (tries === 100) throw new Error("The disk keeps its size.");
    },
    usedBytes,
    remove,
  };
}

function mounted(words: readonly string[]): boolean {
  return spawnSync("mount", words, { stdio: "ignore" }).status === 0;
}

/** A disk in memory has whole pages, and no end where it has none. */
function pagesOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 4_096)) * 4_096;
}
