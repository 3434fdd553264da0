import { CowriedbError, exitCodes, messageOf } from "../errors.ts";

const sqliteCauses: Record<string, { code: string; why: string; hint: string; busy?: true }> = {
  SQLITE_BUSY: {
    code: "db.locked",
    why: "another process holds the write lock",
    hint: "Wait until it ends, or end it: fuser or lsof names the processes that have the file open. Then run the same command again.",
    busy: true,
  },
  SQLITE_FULL: {
    code: "db.disk_full",
    why: "the disk is full",
    hint: "Free some space and run the same command again: it goes on where it stopped.",
  },
  SQLITE_READONLY: {
    code: "db.no_permission",
    why: "the file or its folder cannot be written",
    hint: "Give this user the right to write the file and its folder.",
  },
  SQLITE_CANTOPEN: {
    code: "db.cannot_open",
    why: "the file cannot be opened or made",
    hint: "Check that the folder exists and that this user may read and write it.",
  },
  SQLITE_NOTADB: {
    code: "db.not_a_store",
    why: "the file is no SQLite database",
    hint: "Check --db; give another path to make a new store.",
  },
  SQLITE_CORRUPT: {
    code: "db.damaged",
    why: "the database file is damaged",
    hint: "Keep a copy of the file, then restore the last backup.",
  },
  SQLITE_IOERR: {
    code: "db.io",
    why: "the disk reported an error",
    hint: "Check the disk, then run the same command again: it goes on where it stopped.",
  },
};

const connectionLost = {
  code: "db.connection_lost",
  why: "the server closed the connection",
  hint: "Run the same command again: it goes on where it stopped.",
};

const postgresCauses: Record<string, { code: string; why: string; hint: string; busy?: true }> = {
  "28P01": {
    code: "db.wrong_password",
    why: "the password was refused",
    hint: "Set PGPASSWORD, or name a file in PGPASSFILE.",
  },
  "28000": {
    code: "db.no_access",
    why: "the server does not let this user in",
    hint: "Check the user name and the server's pg_hba.conf.",
  },
  "3D000": {
    code: "db.no_database",
    why: "the database does not exist",
    hint: "Create it with createdb, then run: cowriedb init",
  },
  "42501": {
    code: "db.no_permission",
    why: "this user lacks a privilege",
    hint: "Connect as the owner of the store, or as a member of the task's role: cowriedb runbook show grant-roles",
  },
  "53100": {
    code: "db.disk_full",
    why: "the server's disk is full",
    hint: "Free some space and run the same command again: it goes on where it stopped.",
  },
  "55P03": {
    code: "db.locked",
    why: "another session holds a lock",
    hint: "Wait until it ends, then run the command again.",
    busy: true,
  },
  ECONNREFUSED: {
    code: "db.unreachable",
    why: "nothing listens there",
    hint: "Check host and port, and that the server runs.",
  },
  ENOTFOUND: {
    code: "db.unreachable",
    why: "the host name is not known",
    hint: "Check the host name.",
  },
  ENOENT: {
    code: "db.unreachable",
    why: "the server's socket does not exist",
    hint: "Check the host, and that the server runs.",
  },
  CONNECT_TIMEOUT: {
    code: "db.unreachable",
    why: "the server does not answer",
    hint: "Check host, port and firewall.",
  },
  ETIMEDOUT: {
    code: "db.unreachable",
    why: "the server does not answer",
    hint: "Check host, port and firewall.",
  },
  CONNECTION_CLOSED: connectionLost,
  CONNECTION_DESTROYED: connectionLost,
  CONNECTION_ENDED: connectionLost,
  ECONNRESET: connectionLost,
  EPIPE: connectionLost,
  "57P02": { ...connectionLost, why: "the server crashed and starts again" },
  "57P01": {
    code: "db.connection_lost",
    why: "the server was shut down",
    hint: "Run the same command again: it goes on where it stopped.",
  },
  "57P03": {
    code: "db.unreachable",
    why: "the server is starting or stopping",
    hint: "Wait a moment and run the command again.",
  },
};

/**
 * A driver's error as ours: what was done, on which store, why, and the next command. Errors of ours pass through; a
 * code of class WR, raised by a trigger or procedure, becomes the error's code.
 */
export function databaseError(error: unknown, doing: string, store: string): CowriedbError {
  if (error instanceof CowriedbError) return error;
  const text = messageOf(error);
  const driverCode = /directory does not exist/.test(text)
    ? "SQLITE_CANTOPEN"
    : isCut(error)
      ? "ECONNRESET"
      : isUnanswered(error)
        ? "CONNECT_TIMEOUT"
        : codeOf(error);
  const raised = /^(WR\d{3}) (.*)/s.exec(text);
  if (raised !== null || driverCode.startsWith("WR")) {
    const code = raised?.[1] ?? driverCode;
    return new CowriedbError(code, `Cannot ${doing} in ${store}: ${raised?.[2] ?? text}.`, {
      hint: `${code} is explained in runbooks/reference/error-codes.md.`,
      cause: error,
    });
  }
  const known = causeOf(driverCode);
  if (known === undefined) {
    return new CowriedbError("db.failed", `Cannot ${doing} in ${store}: ${withDetails(text, error)}`, {
      ...(driverCode === "" ? {} : { hint: `The database says ${driverCode}.` }),
      cause: error,
    });
  }
  // Only the server knows which object it is that this user has no right to.
  const object = driverCode === "42501" ? `: ${text}` : "";
  return new CowriedbError(
    known.code,
    `Cannot ${doing} in ${store}: ${known.why}${object} (${driverCode}).`,
    {
      hint: known.hint,
      ...(known.busy === true ? { exitCode: exitCodes.busy } : {}),
      cause: error,
    },
  );
}

/** The client of the migrations has words and no code for a connection that is gone. */
function isCut(error: unknown): boolean {
  return /^Connection terminated|connection error and is not queryable$/.test(messageOf(error));
}

/** Nor for a server that lets it connect and says nothing. */
function isUnanswered(error: unknown): boolean {
  return messageOf(error) === "timeout expired";
}

/** Whether an error comes from a driver, and not from the program or its files. */
export function isOfDriver(error: unknown): boolean {
  const isNamed = error instanceof Error && /^(SqliteError|PostgresError)$/.test(error.name);
  return isNamed || /^(CONNECTION_\w+|CONNECT_TIMEOUT|ECONN\w+|ETIMEDOUT)$/.test(codeOf(error));
}

/** A driver's error as ours; any other as it is, for it is a fault of the program or was told before. */
export function driverError(error: unknown, doing: string, store: string): unknown {
  return isOfDriver(error) ? databaseError(error, doing, store) : error;
}

/** Whether the whole transaction may be tried again: a deadlock, a serialization failure, or a busy file. */
export function isRetryable(error: unknown): boolean {
  return /^(40001|40P01|SQLITE_BUSY.*)$/.test(codeOf(error));
}

/** Whether another process holds the lock of a SQLite store. */
export function isLocked(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY");
}

/**
 * Whether the store is away for a while: locked by another program, or its server restarting or out of connections. What
 * was on its way may have been committed all the same.
 */
export function isAway(error: unknown): boolean {
  const code =
    error instanceof CowriedbError && error.cause !== undefined ? codeOf(error.cause) : codeOf(error);
  return (
    isRetryable({ code }) ||
    /^(08\w{3}|57P0[1-3]|53300|55P03|CONNECTION_\w+|CONNECT_TIMEOUT)$/.test(code) ||
    /^(ECONN\w+|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/.test(code) ||
    (code === "ENOENT" && error instanceof CowriedbError && error.code === "db.unreachable")
  );
}

/** Whether a store that is away is there, and only held by somebody else. */
export function isBusy(error: unknown): boolean {
  const code =
    error instanceof CowriedbError && error.cause !== undefined ? codeOf(error.cause) : codeOf(error);
  return isRetryable({ code }) || code === "55P03";
}

/** Whether PostgreSQL refused a row because its key is there already. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === "23505";
}

/** Whether a trigger or procedure of ours raised a code of class WR: PostgreSQL has it as the code, SQLite in the text. */
export function hasRaised(error: unknown, code: string): boolean {
  return `${codeOf(error)} ${messageOf(error)}`.includes(code);
}

function causeOf(code: string): (typeof sqliteCauses)[string] | undefined {
  const exact = postgresCauses[code] ?? sqliteCauses[code];
  if (exact !== undefined) return exact;
  const family = Object.keys(sqliteCauses).find((name) => code.startsWith(`${name}_`));
  return family === undefined ? undefined : sqliteCauses[family];
}

function codeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return "";
}

/** What a server says with what it says beside, as sentences on one line. */
function withDetails(text: string, error: unknown): string {
  const { detail, hint, where } = error as { detail?: unknown; hint?: unknown; where?: unknown };
  const beside = [detail, hint, where].filter((part) => typeof part === "string" && part !== "");
  if (beside.length === 0) return text;
  return `${[text, ...beside]
    .map((part) =>
      String(part)
        .replaceAll(/\s+/g, " ")
        .replace(/[. ]*$/, ""),
    )
    .join(". ")}.`;
}

/** Whether an error says something of the rows at hand, and not of the disk, the server, the schema or the program. */
export function isOfTheData(error: unknown): boolean {
  if (/^no such (table|column|function|view)/.test(messageOf(error))) return false;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^(SQLITE_CONSTRAINT.*|SQLITE_ERROR|SQLITE_MISMATCH|SQLITE_TOOBIG|2[123].{3}|P0.{3}|54000|WR.{3})$/.test(
    code,
  );
}

/** Whether SQLite refuses a row because another one has its key. */
export function isTaken(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^SQLITE_CONSTRAINT_(PRIMARYKEY|ROWID|UNIQUE)$/.test(code);
}
