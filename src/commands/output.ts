import { wholeCommands, type About } from "./next-command.ts";

/** Options that every command takes. */
export interface CommonOptions {
  db: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  "no-color": boolean;
}

/** Writes the answer: one JSON document, or text for people, whose next commands are about the same database and folder. */
export function answer(options: About & { json?: boolean }, document: unknown, text: () => string): void {
  process.stdout.write(
    options.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${withNext(text(), options)}\n`,
  );
}

/** What stands behind `Next:` or `Do:` is a command; anything else may be somebody's data, which stays as it is. */
function withNext(text: string, about: About): string {
  return text.replaceAll(/(?<=^|\. )(?:Next|Do): .*$/gm, (line) => wholeCommands(line, about));
}

/** Says something beside the answer, on standard error. */
export function say(options: { quiet?: boolean }, text: string): void {
  if (options.quiet !== true) process.stderr.write(`${text}\n`);
}
