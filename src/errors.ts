/** Exit codes of every command; README and `--help` list them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  differences: 20,
  repaired: 21,
  unproved: 22,
  needsPerson: 24,
  usage: 64,
  internal: 70,
  busy: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a CowriedbError may carry beside its message. */
export interface ErrorDetails {
  /** The next command to run, or what to change. */
  hint?: string;
  exitCode?: ExitCode;
  cause?: unknown;
}

/**
 * The one error class. `code` is `area.problem` (a row of runbooks/reference/error-codes.md) or a SQLSTATE of class WR.
 * The message says what failed, on which thing, and why; `hint` what to do next.
 */
export class CowriedbError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "CowriedbError";
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? exitCodes.failed;
  }
}

/** An error for wrong use of the command line; exit code 64. */
export function usageError(message: string, hint?: string): CowriedbError {
  return new CowriedbError("config.usage", message, {
    exitCode: exitCodes.usage,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The calls that led to an error, a line each; without its message, which may hold line breaks of a log. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const { message, stack } = error;
  const behind = Math.max(0, stack.indexOf(message)) + message.length;
  return stack
    .slice(behind)
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
