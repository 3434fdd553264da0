import { PassThrough } from "node:stream";
import t from "tap";
import { ask } from "../../src/commands/question.ts";
import { moduleUrl, runCode } from "../helpers/code.ts";

const meant = (typed: string): string | undefined => (typed === "yes" ? "understood" : undefined);

void t.test("a question is asked until it is understood", async (t) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answered = ask("Go on? ", meant, { input, output });
  let said = "";
  const typed = ["what\n", "  yes \n"];
  output.on("data", (text: Buffer) => {
    said += text.toString();
    input.write(typed.shift() ?? "");
  });

  t.equal(await answered, "understood");
  t.equal(said, "Go on? Go on? ");
});

void t.test("who ends the input leaves the question", async (t) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answered = ask("Go on? ", meant, { input, output });
  input.end("what\n");

  t.equal(await answered, undefined);
});

void t.test("Ctrl-C at a question is the signal, whether somebody listens or not", async (t) => {
  for (const [listener, ended] of [
    ["", "SIGINT"],
    ["process.on('SIGINT', () => { process.exitCode = 7; });", 7],
  ] as const) {
    // A terminal in raw mode gives Ctrl-C as a byte.
    const by = await runCode(`
      import { PassThrough } from "node:stream";
      import { ask } from ${JSON.stringify(moduleUrl("commands/question.js"))};
      ${listener}
      const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
      const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
      const answered = ask("Go on? ", (typed) => typed, { input, output });
      input.write("\\u0003");
      if ((await answered) !== undefined) process.exitCode = 8;
    `);

    t.equal(by, ended);
  }
});
