import { closeSync, constants, fstatSync, openSync, type BigIntStats } from "node:fs";

/**
 * Where a file lies and how it was found. Equal places are the same bytes: whatever changes a file changes the time of
 * its inode, which no program can set. It is a hint all the same; a place that differs says nothing of the bytes.
 */
export interface FilePlace {
  device: number;
  inode: number;
  /** When the inode last changed, in microseconds since 1970. */
  changedUs: number;
  sizeBytes: number;
}

/** The place of a file by its status. */
export function placeOf(status: BigIntStats): FilePlace {
  return {
    device: Number(BigInt.asUintN(53, status.dev)),
    inode: Number(BigInt.asUintN(53, status.ino)),
    changedUs: Number(status.ctimeNs / 1_000n),
    sizeBytes: Number(status.size),
  };
}

/** What stays when a file is renamed or written to. */
export function placeKey(place: Pick<FilePlace, "device" | "inode">): string {
  return `${place.device}:${place.inode}`;
}

/** Whether nothing has happened to a file between two looks. */
export function isSamePlace(left: FilePlace, right: FilePlace): boolean {
  return (
    placeKey(left) === placeKey(right) &&
    left.changedUs === right.changedUs &&
    left.sizeBytes === right.sizeBytes
  );
}

/** Opens a regular file for reading; undefined where the path leads to something else by now. */
export function openFile(path: Buffer): { fd: number; place: FilePlace } | undefined {
  // Else a pipe that has taken the file's place would hold the program until somebody writes into it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = fstatSync(fd, { bigint: true });
  if (status.isFile()) return { fd, place: placeOf(status) };
  closeSync(fd);
  return undefined;
}
