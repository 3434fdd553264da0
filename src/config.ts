import { CowriedbError, exitCodes } from "./errors.ts";

/** Where a store is: a SQLite file, or a PostgreSQL server. */
export type Target =
  { dialect: "sqlite"; path: string } | { dialect: "postgres"; url: string; shown: string };

/** The target that `--db`, else COWRIEDB_URL, else ./cowrie.sqlite names; errors call it `word`. */
export function targetOf(
  option: string,
  environment: NodeJS.ProcessEnv = process.env,
  word = "--db",
): Target {
  const text = option !== "" ? option : (environment["COWRIEDB_URL"] ?? "");
  if (text === "") return { dialect: "sqlite", path: "cowrie.sqlite" };
  if (text.startsWith("sqlite:")) {
    return { dialect: "sqlite", path: text.slice("sqlite:".length).replace(/^\/\/(?=\/)/, "") };
  }
  if (/^postgres(ql)?:\/\//.test(text)) return postgresTarget(text, word);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    throw new CowriedbError(
      "config.bad_url",
      `${word} names an engine that is not known: ${shownUrl(text)}.`,
      {
        exitCode: exitCodes.usage,
        hint: "Use a file path, sqlite:PATH, or postgres://user@host/database.",
      },
    );
  }
  if (/^postgres(ql)?:/.test(text)) {
    throw new CowriedbError("config.bad_url", `${word} is no valid URL: ${shownUrl(text)}.`, {
      exitCode: exitCodes.usage,
      hint: "Use postgres://user@host:port/database.",
    });
  }
  return { dialect: "sqlite", path: text };
}

function postgresTarget(text: string, word: string): Target {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new CowriedbError("config.bad_url", `${word} is no valid URL: ${shownUrl(text)}.`, {
      exitCode: exitCodes.usage,
      hint: "Use postgres://user@host:port/database.",
      cause,
    });
  }
  if (url.password !== "" || [...url.searchParams.keys()].some((key) => /password|passphrase/i.test(key))) {
    throw new CowriedbError(
      "config.password_in_url",
      `${word} has a password in it, which every user of this machine could read: ${shownUrl(text)}.`,
      {
        exitCode: exitCodes.usage,
        hint: "Put the password into PGPASSWORD, a file named by PGPASSFILE, or a service file.",
      },
    );
  }
  return { dialect: "postgres", url: text, shown: shownUrl(text) };
}

/** A database URL as it may be printed: never with a password, wherever it stands. */
export function shownUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:(?:\/\/)?[^/@:]*):.*@/i, "$1:***@")
    .replace(/([?&][a-z_]*(?:password|passphrase)=)[^&]*/gi, "$1***");
}

/** The target as it may be printed. */
export function shownTarget(target: Target): string {
  return target.dialect === "sqlite" ? target.path : target.shown;
}
