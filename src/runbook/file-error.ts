import { CowriedbError } from "../errors.ts";

/** An error in the text of a runbook, with its place. */
export function fileError(name: string, line: number, why: string): CowriedbError {
  return new CowriedbError("runbook.bad_file", `The runbook ${name} cannot be used: line ${line}: ${why}.`, {
    hint: "Mend the file, then run: cowriedb runbook check",
  });
}
