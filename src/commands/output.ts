/** Options that every command takes. */
export interface CommonOptions {
  db: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  "no-color": boolean;
}

/** Writes the answer: one JSON document, or text for people. */
export function answer(options: { json?: boolean }, document: unknown, text: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`);
}

/** Says something beside the answer, on standard error. */
export function say(options: { quiet?: boolean }, text: string): void {
  if (options.quiet !== true) process.stderr.write(`${text}\n`);
}
