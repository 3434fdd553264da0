import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of a given size. */
export interface SmallDisk {
  path: string;
  /** Gives the disk another size. */
  resize(bytes: number): void;
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
  return {
    path,
    resize: (size) => {
      if (!mounted(["-o", `remount,size=${pagesOf(size)}`, path]))
        throw new Error("The disk keeps its size.");
    },
    usedBytes: () => {
      const { bsize, blocks, bfree } = statfsSync(path);
      return bsize * (blocks - bfree);
    },
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
