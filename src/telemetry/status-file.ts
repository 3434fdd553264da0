import { mkdirSync } from "node:fs";
import { CowriedbError, messageOf } from "../errors.ts";
import { visible } from "../term.ts";
import { instantOf } from "../instant.ts";
import { meterOf, type JobStatus } from "./job-status.ts";
import { statusDocument, type RunName } from "./status-document.ts";
import { statusName, tidy, writeList, writeStatus } from "./status-folder.ts";

/** The status file of one run. It is a projection: whatever becomes of it, the run goes on. */
export interface StatusFile {
  /** Tells how the run stands; the file is written at most once a second, but at once when state or phase change. */
  note(status: JobStatus): void;
  /** Tells how the run ended; always written. */
  close(status: JobStatus): void;
}

const leastMs = 1_000;
/** A run that says nothing for long is still alive: its file is written again. */
const aliveMs = 10_000;

const noFile: StatusFile = { note: () => undefined, close: () => undefined };

/**
 * Begins the status file `<kind>-<id>.json` of a run in `folder`, which is made where it is missing; does nothing where no
 * folder is named. Throws `config.status_dir` where the folder cannot be written to; later failures are a warning.
 */
export function openStatusFile(folder: string | undefined, run: RunName, first: JobStatus): StatusFile {
  if (folder === undefined || folder === "") return noFile;
  const write = writerOf(folder, run, first);
  let last = first;
  let isWritten = true;
  let writtenAt = performance.now();
  const put = (status: JobStatus, isFinished: boolean): void => {
    last = status;
    isWritten = true;
    write(status, isFinished);
    writtenAt = performance.now();
  };
  const alive = setInterval(() => {
    if (!isWritten || performance.now() - writtenAt >= aliveMs) put(last, false);
  }, leastMs).unref();
  return {
    note: (status) => {
      const isNews = status.state !== last.state || status.phase !== last.phase;
      if (isNews || performance.now() - writtenAt >= leastMs) put(status, false);
      else {
        last = status;
        isWritten = false;
      }
    },
    close: (status) => {
      clearInterval(alive);
      put(status, true);
    },
  };
}

/** Writes the file and the list for the first time, which fails aloud, and gives what writes them again. */
function writerOf(
  folder: string,
  run: RunName,
  first: JobStatus,
): (status: JobStatus, isFinished: boolean) => void {
  const name = statusName(run);
  const meter = meterOf(first);
  const startedAt = instantOf(Date.now());
  let hasWarned = false;
  const writeAll = (status: JobStatus, isFinished: boolean): void => {
    writeStatus(folder, name, statusDocument(run, status, meter.measure(status), { startedAt, isFinished }));
    writeList(folder);
  };
  try {
    mkdirSync(folder, { recursive: true });
    tidy(folder, run.kind);
    writeAll(first, false);
  } catch (cause) {
    throw new CowriedbError(
      "config.status_dir",
      `--status-dir cannot be written to: ${visible(folder)}: ${visible(messageOf(cause))}.`,
      { hint: "Name a folder that this user may write to.", cause },
    );
  }
  return (status, isFinished) => {
    try {
      writeAll(status, isFinished);
    } catch (error) {
      if (!hasWarned)
        process.stderr.write(
          `The status file cannot be written: ${visible(messageOf(error))}. The run goes on without.\n`,
        );
      hasWarned = true;
    }
  };
}
