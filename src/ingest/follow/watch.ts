import { realpathSync, watch, type FSWatcher } from "node:fs";
import { dirname } from "node:path";

/** Tells when something happens in the folders that it is told to watch. */
export interface FolderWatch {
  /** Watches these folders and no others; by their paths, byte for byte in latin1. */
  only(folders: ReadonlySet<string>): void;
  /** Waits until something has happened since the last wait, at most so long. */
  wait(ms: number): Promise<void>;
  /** Ends a wait. */
  wake(): void;
  /** Whether something happened since this was last asked that asks for a look at the folders. */
  takeRenames(): boolean;
  close(): void;
}

/**
 * Watches folders with what the system has. It is a hint that makes things quick: where it fails, as on a network share or
 * when there are no watches left, the next regular look sees what happened. `isOpen` tells of a name, in latin1, whether writing
 * to a file of that name needs no look at the folders.
 */
export function folderWatch(isOpen: (name: string) => boolean): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let hasNews = false;
  let hasRenames = false;
  let wakeUp = (): void => undefined;

  function note(isRename: boolean): void {
    hasNews = true;
    hasRenames ||= isRename;
    wakeUp();
  }

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function add(folder: string): void {
    try {
      const watcher = watch(Buffer.from(folder, "latin1"), { encoding: "buffer" }, (event, name) => {
        note(event === "rename" || name === null || !isOpen(name.toString("latin1")));
      });
      watcher.on("error", () => {
        drop(folder);
      });
      watchers.set(folder, watcher);
    } catch {
      // See above.
    }
  }

  return {
    only: (folders) => {
      for (const folder of watchers.keys()) if (!folders.has(folder)) drop(folder);
      for (const folder of folders) if (!watchers.has(folder)) add(folder);
    },
    wait: async (ms) => {
      if (!hasNews && ms > 0) {
        await asleep(ms, (wake) => {
          wakeUp = wake;
        });
        wakeUp = () => undefined;
      }
      hasNews = false;
    },
    wake: () => {
      note(false);
    },
    takeRenames: () => {
      const had = hasRenames;
      hasRenames = false;
      return had;
    },
    close: () => {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}

/** Sleeps until `handOut`'s function is called, at most so long. */
async function asleep(ms: number, handOut: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    handOut(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The folders in which something may happen to these files, and to those that `paths` may name later. */
export function foldersOf(paths: readonly string[], files: readonly Buffer[]): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    const fixed = /[*?[]/.test(path) ? (/^[^*?[]*\//.exec(path)?.[0] ?? "./") : path;
    const bytes = Buffer.from(fixed).toString("latin1");
    folders.add(bytes);
    folders.add(dirname(bytes));
  }
  for (const file of files) {
    folders.add(dirname(file.toString("latin1")));
    try {
      // Where the name is a link, it is the folder of the file itself that tells of its lines.
      folders.add(dirname(realpathSync(file, "buffer").toString("latin1")));
    } catch {
      // It is gone; the next look says so.
    }
  }
  return folders;
}
