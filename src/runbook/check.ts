import type { Target } from "../config.ts";
import { messageOf } from "../errors.ts";
import { runCommand } from "./command.ts";
import { prepareGate } from "./gate.ts";
import type { Dialect, Runbook } from "./parse.ts";
import { neededVariables, planOf, type Action } from "./plan.ts";
import { withDatabase } from "./record.ts";
import { undoOf } from "./undo.ts";

/** What is wrong with a runbook. */
export interface Problem {
  runbook: string;
  line: number;
  problem: string;
}

const dialects: readonly Dialect[] = ["sqlite", "postgres"];

/** A look-up of the help of commands, each asked for once. */
export type Helps = (words: readonly string[]) => Promise<string | undefined>;

/** Asks the program for the help of a command; undefined where there is no such command. */
export function helps(): Helps {
  const known = new Map<string, Promise<string | undefined>>();
  return async (words) => {
    const key = words.join(" ");
    let help = known.get(key);
    if (help === undefined) {
      help = runCommand([...words, "--help"], () => undefined).then(({ exitCode, answer }) =>
        exitCode === 0 ? answer : undefined,
      );
      known.set(key, help);
    }
    return help;
  };
}

/**
 * Sees that a runbook can be run: on both engines every command exists with its options, every variable is known in time, and its
 * Undo does something or says that there is nothing to do; on the engine of the store its gates can be prepared.
 */
export async function checkRunbook(runbook: Runbook, target: Target, help: Helps): Promise<Problem[]> {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const dialect of dialects) {
    if (undoOf(runbook, dialect) === undefined) problems.push(undoProblem(runbook, dialect));
    for (const direction of ["forward", "undo"] as const) {
      const plan = planOf(runbook, direction, dialect);
      neededVariables(plan);
      for (const action of plan) {
        const found = await problemOf(action, dialect === target.dialect ? target : undefined, help);
        const key = `${action.line} ${found ?? ""}`;
        if (found === undefined || seen.has(key)) continue;
        seen.add(key);
        problems.push({ runbook: runbook.name, line: action.line, problem: found });
      }
    }
  }
  return problems;
}

function undoProblem(runbook: Runbook, dialect: Dialect): Problem {
  return {
    runbook: runbook.name,
    line: runbook.sections.find(({ heading }) => heading === "Undo")?.steps[0]?.line ?? 1,
    problem: `its Undo has no command and no gate on ${dialect}, and does not say "Nothing is to be undone: …"`,
  };
}

async function problemOf(
  action: Action,
  target: Target | undefined,
  help: Helps,
): Promise<string | undefined> {
  if (action.kind === "gate" && target !== undefined) {
    try {
      await withDatabase(target, async (database) => prepareGate(database, action.text));
      return undefined;
    } catch (error) {
      return `the gate cannot be prepared: ${messageOf(error)}`;
    }
  }
  if (action.kind !== "command") return undefined;
  const words = action.words.map((word) => word.map((part) => ("text" in part ? part.text : "$")).join(""));
  const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const name = words.slice(0, Math.min(2, end < 0 ? 2 : end));
  const text = await help(name);
  if (text === undefined) return `there is no command ${JSON.stringify(name.join(" "))}`;
  const unknown = words
    .filter((word) => word.startsWith("-"))
    .map((word) => word.split("=")[0] ?? "")
    .find((flag) => !new RegExp(`(^|[ ,])${flag.replace(/[^a-zA-Z0-9-]/g, "\\$&")}\\b`, "m").test(text));
  return unknown === undefined ? undefined : `cowriedb ${name.join(" ")} has no option ${unknown}`;
}
