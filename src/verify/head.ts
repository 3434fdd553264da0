import { readFileSync } from "node:fs";
import { CowriedbError, exitCodes, messageOf } from "../errors.ts";
import { visible } from "../term.ts";
import { writeWhole } from "../whole-file.ts";
import { nowText } from "../instant.ts";
import { emptyHead, type ChainHead } from "./chain.ts";

/** The document that `--export` writes. */
export interface HeadDocument extends ChainHead {
  format: "cowriedb chain head 1";
  exported_at: string;
  tool_version: string;
  schema_version: string;
}

/** Writes where the chain ends, in one step: the file is the old one or the new one. Throws `verify.cannot_write`. */
export function exportHead(path: string, head: ChainHead, versions: { tool: string; schema: string }): void {
  const document: HeadDocument = {
    format: "cowriedb chain head 1",
    ...head,
    exported_at: nowText(),
    tool_version: versions.tool,
    schema_version: versions.schema,
  };
  try {
    writeWhole(path, `${JSON.stringify(document, null, 2)}\n`);
  } catch (error) {
    throw new CowriedbError(
      "verify.cannot_write",
      `The chain head cannot be written to ${visible(path)}: ${messageOf(error)}.`,
      { hint: "Name a file in a folder that this user may write.", cause: error },
    );
  }
}

/** Reads a chain head that was exported. Throws `verify.bad_head` where the file is none. */
export function readHead(path: string): ChainHead {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw badHead(path, messageOf(error));
  }
  if (!isHead(document)) throw badHead(path, "it is no document of verify --export");
  return document;
}

function isHead(document: unknown): document is HeadDocument {
  if (typeof document !== "object" || document === null) return false;
  const fields = document as Record<string, unknown>;
  const isKept = Object.entries(emptyHead).every(([name, value]) =>
    typeof value === "number"
      ? Number.isSafeInteger(fields[name]) && (fields[name] as number) >= 0
      : /^[0-9a-f]{64}$/.test(String(fields[name])),
  );
  return isKept && fields["format"] === "cowriedb chain head 1";
}

function badHead(path: string, why: string): CowriedbError {
  return new CowriedbError("verify.bad_head", `${visible(path)} is no chain head: ${visible(why)}.`, {
    hint: "Name a file that cowriedb verify --export has written.",
    exitCode: exitCodes.usage,
  });
}
