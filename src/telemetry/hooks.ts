import { shownUrl } from "../config.ts";
import { usageError } from "../errors.ts";
import { visible } from "../term.ts";
import { count } from "./metrics.ts";
import { postHook } from "./hook-post.ts";
import { runHook } from "./hook-program.ts";
import { instantOf } from "../instant.ts";

/** What is told, schema `hook/1` with `schema` and `at` added; runbooks/reference/hooks.md describes it. */
export interface HookEvent {
  event: "job.started" | "job.finished" | "job.failed" | "drift.found";
  /** As in a status file. */
  kind: string;
  job_id: number | string | null;
  state: string;
  counts: Readonly<Record<string, number>>;
  exit_code: number | null;
  /** The store: a path, or a URL without its password. */
  database: string;
  error?: { code: string; message: string } | null;
}

/** How a call went. */
export interface HookOutcome {
  /** The hook as it may be printed: a program's path, or no more of a URL than its host. */
  hook: string;
  event: HookEvent["event"];
  /** Null where it went well, else a row of error-codes.md. */
  code: HookFailure["code"] | null;
  detail: string;
  duration_ms: number;
}

/** Why a call failed. */
export interface HookFailure {
  code: "hook.failed" | "hook.refused" | "hook.timeout";
  detail: string;
}

/** A hook: an address, or a program with its arguments. */
type Hook = { url: URL } | { words: string[] };

/**
 * Calls each hook that `hook` names, one a line, and gives how it went. A hook never fails the run: what goes wrong is a
 * warning on standard error. Throws `config.usage` where `hook` is none.
 */
export async function callHooks(hook: string | undefined, event: HookEvent): Promise<HookOutcome[]> {
  const hooks = readHooks(hook);
  if (hooks.length === 0) return [];
  const body = JSON.stringify({
    schema: "hook/1",
    at: instantOf(Date.now()),
    ...event,
    database: shownUrl(event.database),
    error: event.error ?? null,
  });
  return Promise.all(hooks.map(async (each) => callHook(each, event.event, body)));
}

/** Throws `config.usage` where `hook` is no hook, before the run has begun. */
export function checkHooks(hook: string | undefined): void {
  readHooks(hook);
}

/** What `--hook` says, else COWRIEDB_HOOK. */
export function hookOf(option: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return option === "" ? environment["COWRIEDB_HOOK"] : option;
}

async function callHook(hook: Hook, event: HookEvent["event"], body: string): Promise<HookOutcome> {
  const began = performance.now();
  const failure = "url" in hook ? await postHook(hook.url, body) : await runHook(hook.words, event, body);
  const outcome: HookOutcome = {
    hook: shownHook(hook),
    event,
    code: failure?.code ?? null,
    detail: visible(failure?.detail ?? ""),
    duration_ms: Math.round(performance.now() - began),
  };
  count("cowriedb.hook.calls", 1, {
    "cowriedb.hook.event": event,
    "cowriedb.outcome": failure?.code ?? "done",
  });
  if (failure !== undefined)
    process.stderr.write(
      `Warning ${failure.code}: the hook ${outcome.hook} was not told of ${event}: ${outcome.detail}\n`,
    );
  return outcome;
}

/** The path of a webhook's address is often its secret. */
function shownHook(hook: Hook): string {
  return "url" in hook ? visible(`${hook.url.origin}/…`) : visible(hook.words[0] ?? "");
}

function readHooks(text: string | undefined): Hook[] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map(readHook);
}

function readHook(line: string): Hook {
  if (/^https?:\/\//i.test(line)) {
    if (!URL.canParse(line))
      throw usageError(
        "A hook is no valid URL.",
        "Write it as https://host/path; see runbooks/reference/hooks.md.",
      );
    return { url: new URL(line) };
  }
  const words = line.split(/\s+/);
  if (!(words[0] ?? "").includes("/"))
    throw usageError(
      `A hook must be an http or https URL, or the path of a program: ${JSON.stringify(visible(words[0] ?? ""))}.`,
      "Write the whole path: no shell and no PATH is used. See runbooks/reference/hooks.md.",
    );
  return { words };
}
