import { hexDigestOf } from "../checksum.ts";
import { fileError } from "./file-error.ts";

export type Dialect = "sqlite" | "postgres";

/** What a fenced block is to the program: a command to run, a query that must give no rows, or a note to a person. */
export type BlockKind = "command" | "gate" | "person";

/** A fenced block of a step, and what the text beside it asks of it. */
export interface Block {
  kind: BlockKind;
  /** The engine that it is for, where it is for one alone. */
  dialect: Dialect | undefined;
  text: string;
  /** Its first line in the file, counted from 1. */
  line: number;
  /** The text of the step up to it; the last block of a step has what follows too. */
  prose: string;
}

/** A numbered item of a section, or a section without numbers as a whole. */
export interface Step {
  label: string;
  /** As it stands in the file. */
  text: string;
  line: number;
  blocks: Block[];
}

/** A section under a heading of the second level; those that are walked through have steps. */
export interface Section {
  heading: string;
  text: string;
  steps: Step[];
}

/** A runbook as it was read. */
export interface Runbook {
  /** The file's name without `.md`, or the path of a file of one's own. */
  name: string;
  title: string;
  /** BLAKE3 of the file. */
  digest: string;
  text: string;
  sections: Section[];
  /** The variables that *You need* lists, without `$`. */
  variables: string[];
}

/** The sections that are walked through; the others are for reading alone. */
export const walked = ["Before", "Run", "Verify", "Undo"] as const;

/** Reads the text of a runbook. Throws `runbook.bad_file` where its form is not that of a runbook. */
export function parseRunbook(name: string, text: string): Runbook {
  const lines = text.split("\n");
  const title = /^# (\S.*)$/.exec(lines[0] ?? "")?.[1];
  if (title === undefined)
    throw fileError(name, 1, "it does not begin with a title, as `# Rebuild summaries`");
  const sections: Section[] = [];
  for (const { heading, first, content } of sectionsOf(lines)) {
    if (sections.some((known) => known.heading === heading))
      throw fileError(name, first, `the section ${heading} is there twice`);
    const isWalked = (walked as readonly string[]).includes(heading);
    sections.push({
      heading,
      text: content.join("\n").trim(),
      steps: isWalked ? stepsOf(name, content, first + 1) : [],
    });
  }
  for (const heading of walked)
    if (!sections.some((section) => section.heading === heading))
      throw fileError(name, 1, `it has no section ${heading}`);
  const need = sections.find(({ heading }) => heading === "You need")?.text ?? "";
  const variables = [...need.matchAll(/`\$([A-Z][A-Z0-9_]*)`/g)].map(([, variable = ""]) => variable);
  return { name, title, digest: hexDigestOf(text), text, sections, variables: [...new Set(variables)] };
}

function sectionsOf(lines: readonly string[]): { heading: string; first: number; content: string[] }[] {
  const found: { heading: string; first: number; content: string[] }[] = [];
  let inFence = false;
  for (const [index, line] of lines.entries()) {
    if (/^ *```/.test(line)) inFence = !inFence;
    const heading = inFence ? undefined : /^## (\S.*)$/.exec(line)?.[1]?.trim();
    if (heading !== undefined) found.push({ heading, first: index + 1, content: [] });
    else found.at(-1)?.content.push(line);
  }
  return found;
}

/** The numbered items of a section; text before the first is read and not walked through. */
function stepsOf(name: string, content: readonly string[], first: number): Step[] {
  const items: { label: string; line: number; lines: string[] }[] = [];
  let inFence = false;
  for (const [index, line] of content.entries()) {
    const item = inFence ? null : /^(\d+)\. +(.*)$/.exec(line);
    if (/^ *```/.test(line)) {
      inFence = !inFence;
      if (items.length === 0 && content.some((other) => /^\d+\. /.test(other)))
        throw fileError(name, first + index, "a block stands before the first numbered step of its section");
    }
    if (item !== null) items.push({ label: item[1] ?? "", line: first + index, lines: [item[2] ?? ""] });
    else items.at(-1)?.lines.push(line.replace(/^ {3}/, ""));
  }
  if (inFence) throw fileError(name, first, "a fenced block does not end");
  if (items.length === 0) items.push({ label: "1", line: first, lines: [...content] });
  return items.map(({ label, line, lines }) => ({
    label,
    line,
    text: lines.join("\n").trim(),
    blocks: blocksOf(name, lines, line),
  }));
}

function blocksOf(name: string, lines: readonly string[], first: number): Block[] {
  const blocks: Block[] = [];
  let open: { indent: number; block: Block; lines: string[] } | undefined;
  let prose: string[] = [];
  for (const [index, line] of lines.entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (open === undefined && fence !== null) {
      const kind = kindOf(name, first + index, (fence[2] ?? "").trim());
      const block = { ...kind, text: "", line: first + index + 1, prose: joined(prose) };
      open = { indent: (fence[1] ?? "").length, block, lines: [] };
      prose = [];
    } else if (open !== undefined && fence !== null) {
      blocks.push({ ...open.block, text: open.lines.join("\n") });
      open = undefined;
    } else if (open !== undefined)
      open.lines.push(line.slice(Math.min(open.indent, /^ */.exec(line)?.[0].length ?? 0)));
    else prose.push(line);
  }
  const last = blocks.at(-1);
  if (last !== undefined) last.prose = `${last.prose} ${joined(prose)}`.trim();
  return blocks;
}

function joined(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

/** What the words behind the fence say: `sh`, `sql` or `text`, and an engine. */
function kindOf(name: string, line: number, info: string): { kind: BlockKind; dialect: Dialect | undefined } {
  const [language = "", engine, ...more] = info.split(/ +/);
  const kind = ({ sh: "command", sql: "gate", text: "person", "": "person" } as const)[language];
  const isEngine = engine === undefined || engine === "sqlite" || engine === "postgres";
  if (kind === undefined || !isEngine || more.length > 0)
    throw fileError(
      name,
      line,
      `a block says ${JSON.stringify(info)}; sh, sql and text are known, then sqlite or postgres`,
    );
  return { kind, dialect: engine };
}
