import { messageOf } from "../errors.ts";
import type { HookFailure } from "./hooks.ts";

const limitMs = 5_000;

/** Posts a body as JSON; undefined where the receiver took it. It is sent on to no other address. */
export async function postHook(url: URL, body: string): Promise<HookFailure | undefined> {
  const headers: Record<string, string> = { "content-type": "application/json", "user-agent": "cowriedb" };
  const address = new URL(url);
  if (url.username !== "" || url.password !== "") {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(user).toString("base64")}`;
    address.username = "";
    address.password = "";
  }
  try {
    const response = await fetch(address, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(limitMs),
    });
    await response.body?.cancel();
    return response.ok
      ? undefined
      : { code: "hook.refused", detail: `the answer was HTTP ${response.status}.` };
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return { code: "hook.timeout", detail: `there was no answer in ${limitMs / 1000} s.` };
    return { code: "hook.failed", detail: `${reasonOf(error)}.` };
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return messageOf(cause ?? error);
}
