import type sade from "sade";
import type { ExitCode } from "../errors.ts";
import type { CommonOptions } from "./output.ts";

/** How program.ts adds a command, and wraps its action. */
export interface CommandLine {
  command(name: string, purpose: string, examples: string[]): sade.Sade;
  handled<O extends CommonOptions>(
    action: (words: string[], options: O) => Promise<ExitCode | undefined | void>,
  ): sade.Handler;
}
