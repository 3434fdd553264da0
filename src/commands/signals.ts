import { exitCodes, type ExitCode } from "../errors.ts";

/** A request to stop, set by the first SIGINT or SIGTERM; the second ends the process at once. */
export interface StopRequest {
  requested: boolean;
  exitCode: ExitCode;
  /** Called when the stop is asked for. */
  onRequested?: () => void;
  /** Takes the handlers away again. */
  release(): void;
}

/** Listens for SIGINT and SIGTERM. */
export function stopOnSignals(): StopRequest {
  const handle = (signal: NodeJS.Signals): void => {
    const code = signal === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
    if (request.requested) {
      // The second signal: the transaction at hand is rolled back by the engine.
      process.kill(process.pid, "SIGKILL");
    }
    request.requested = true;
    request.exitCode = code;
    request.onRequested?.();
  };
  const request: StopRequest = {
    requested: false,
    exitCode: exitCodes.done,
    release: () => {
      process.off("SIGINT", handle);
      process.off("SIGTERM", handle);
    },
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
  return request;
}

/**
 * Stops as on SIGTERM when the channel to a parent closes that has made one: whoever walks through a runbook is gone then,
 * and nobody waits for this command any more.
 */
export function stopWithParent(): void {
  if (!process.connected) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}
