import type { Scenario, Tool, ToolMigration, ToolPlace, ToolRun } from "./migration-scenarios.ts";

/**
 * What is seen of a scenario. `silent`: nothing is said, and it is wrong. `failed`: an error that does not say what happened, or that
 * leaves half behind. `stuck`: no further run ends well without a person's hand.
 */
export type Verdict =
  "refused" | "detected" | "recovered" | "silent" | "failed" | "stuck" | "no such feature" | "not played";

/** What a tool made of a scenario, and the line that shows it. */
export interface Outcome {
  verdict: Verdict;
  evidence: string;
}

/** Whether a verdict is one that a person can live with. */
export function isGood({ verdict }: Outcome): boolean {
  return verdict === "refused" || verdict === "detected" || verdict === "recovered";
}

/** A verdict, with what was run and the line of its answer that tells most. */
export function seen(verdict: Verdict, run: ToolRun, note = ""): Outcome {
  const lines = run.text
    .replaceAll(/\u001B\[[0-9;]*m/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /\w/.test(line));
  const telling = [
    /(error|✘|another|locked|cannot|can't).*\w{4}.* .*\w{4}/i,
    /error|refus|match|differ|missing|not found|fail/i,
    /\w/,
  ];
  const failing = telling.flatMap((one) => lines.find((line) => one.test(line)) ?? []);
  const line = (run.code === 0 ? lines.at(-1) : failing[0]) ?? "";
  const said = `exit ${run.code ?? "by signal"}: ${line.slice(0, 200)}`;
  return { verdict, evidence: note === "" ? said : `${note}; ${said}` };
}

/** Plays a scenario. Where nobody hears of anything, and the tool has nothing that could have told, that is said. */
export async function played(scenario: Scenario, tool: Tool, place: ToolPlace): Promise<Outcome> {
  const lack = tool.lacks?.[scenario.key];
  const outcome = await scenario.play(tool, place);
  return outcome.verdict === "silent" && lack !== undefined
    ? { verdict: "no such feature", evidence: `${lack}; played: ${outcome.evidence}` }
    : outcome;
}

export async function ran(tool: Tool): Promise<ToolRun> {
  return tool.up().ended;
}

/** Applies files that are right; a tool that cannot is no tool. */
export async function applied(tool: Tool, migrations: readonly ToolMigration[]): Promise<void> {
  tool.write(migrations);
  const { code, text } = await ran(tool);
  if (code !== 0) throw new Error(`${tool.name} cannot apply what is right: ${text}`);
}

/** What is right is found right, or its findings would say nothing. */
export async function assertQuiet(tool: Tool): Promise<void> {
  const told = await tool.check?.();
  if (told !== undefined && told.code !== 0)
    throw new Error(`${tool.name} finds fault with what is right: ${told.text}`);
}

/** Whether a look at it tells. */
export async function told(tool: Tool): Promise<Outcome> {
  const check = await tool.check?.();
  if (check === undefined) return { verdict: "silent", evidence: "it has no command that looks" };
  return seen(check.code === 0 ? "silent" : "detected", check);
}

/** Whether a run refuses and leaves all as it was, or a look at it tells; else nobody hears of it. */
export async function refusedOrTold(
  tool: Tool,
  isUntouched: () => Promise<boolean> = async () => Promise.resolve(true),
): Promise<Outcome> {
  const run = await ran(tool);
  const wasUntouched = await isUntouched();
  if (run.code !== 0) return seen(wasUntouched ? "refused" : "failed", run);
  return wasUntouched ? told(tool) : seen("silent", run, "it was applied");
}

/** Two runners: one waits, or says that another is at work; and what was to be done is done once. */
export async function together(tool: Tool, isRight: () => Promise<boolean>): Promise<Outcome> {
  const [one, other] = await Promise.all([tool.up().ended, tool.up().ended]);
  const worse = one.code === 0 ? other : one;
  if (one.code !== 0 && other.code !== 0) {
    const again = await ran(tool);
    return seen(again.code === 0 ? "failed" : "stuck", worse, "both ended with an error");
  }
  if (!(await isRight()))
    return seen(worse.code === 0 ? "silent" : "failed", worse, "not what one run gives");
  if (worse.code === 0) return seen("recovered", worse, "one waited for the other");
  const isClear =
    /\b(lock|locked|another|running)\b/i.test(worse.text) &&
    !/deadlock|duplicate key|unique/i.test(worse.text);
  return seen(isClear ? "refused" : "failed", worse);
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is so, or a run has ended; false after 20 s. */
export async function until(is: () => Promise<boolean>, ended?: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  void ended?.then(() => (isOver = true));
  const last = performance.now() + 20_000;
  while (performance.now() < last && !isOver) {
    if (await is()) return true;
    await pause(50);
  }
  return false;
}
