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

/** Whether a signal has come already, from whomever: the second one ends the process at once. */
let isHeard = false;

/** Listens for SIGINT and SIGTERM. */
export function stopOnSignals(): StopRequest {
  const handle = (signal: NodeJS.Signals): void => {
    const code = signal === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
    if (request.requested) {
      // The second signal: the transaction at hand is rolled back by the engine.
      process.kill(process.pid, "SIGKILL");
    }
    request.requested = true;
    isHeard = true;
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
 * Stops as on a signal when a parent that has made a channel asks for it, or is gone: whoever walks through a runbook. Where
 * the signal has come by itself too, as systemd sends it to every process of a unit, it counts once.
 */
export function stopWithParent(): void {
  if (!process.connected) return;
  const stop = (signal: unknown): void => {
    // A signal that came first may be heard after the message.
    setTimeout(() => {
      if (!isHeard) process.kill(process.pid, signal === "SIGINT" ? "SIGINT" : "SIGTERM");
    }, 100);
  };
  process.on("message", stop);
  process.once("disconnect", stop);
  process.channel?.unref();
}
