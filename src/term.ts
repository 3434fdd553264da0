import kleur from "kleur";

/**
 * Text that a terminal, a log or a table cell can take: control characters, bidirectional and zero-width marks, line
 * separators and unpaired surrogates are written as escapes. A backslash stays as it is.
 */
export function visible(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|[\u{e0000}-\u{e007f}]/gu,
    (character) => {
      const point = character.codePointAt(0) ?? 0;
      if (point < 0x100) return `\\x${point.toString(16).padStart(2, "0")}`;
      if (point < 0x10000) return `\\u${point.toString(16).padStart(4, "0")}`;
      return `\\u{${point.toString(16)}}`;
    },
  );
}

/** Bytes as visible text: what is UTF-8 is read as such, each other byte is written `\xNN`. */
export function visibleBytes(bytes: Uint8Array): string {
  try {
    return visible(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`,
    ).join("");
  }
}

/** A word as a shell takes it for one. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** `text` cut to `width` characters (grapheme clusters), with an ellipsis where something is cut off. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept: string[] = [];
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, width * 8))) {
    if (kept.length === width - 1) return `${kept.join("")}…`;
    kept.push([...segment].slice(0, 4).join(""));
  }
  return kept.join("");
}

/** Decides on colour by standard error, NO_COLOR, TERM and the flag; to be called once at start. */
export function setColour(flagOff: boolean): void {
  const environment = process.env;
  kleur.enabled =
    !flagOff &&
    (environment["NO_COLOR"] ?? "") === "" &&
    environment["TERM"] !== "dumb" &&
    process.stderr.isTTY;
}

export const bold = (text: string): string => kleur.bold(text);
export const dim = (text: string): string => kleur.dim(text);
export const red = (text: string): string => kleur.red(text);
export const green = (text: string): string => kleur.green(text);
export const yellow = (text: string): string => kleur.yellow(text);

/** 1234567 as `1,234,567`. */
export function grouped(count: number): string {
  // Not toLocaleString: it loads the data of every locale first, 30 ms.
  const [whole = "", ...fraction] = String(Math.round(count * 1000) / 1000).split(".");
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, ","), ...fraction].join(".");
}

/** A count with its noun: `1 file`, `1,234 files`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** Bytes in a unit that a person reads, powers of 1,024: `12.3 MiB`. */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Rows as columns with two blanks between; numbers to the right. The cells must be visible text. */
export function table(rows: readonly (readonly (string | number)[])[], heads?: string[]): string {
  const lines = heads === undefined ? [...rows] : [heads, ...rows];
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, shown(cell).length);
    });
  }
  return lines
    .map((line, row) =>
      line
        .map((cell, index) => {
          const right = typeof (heads === undefined || row > 0 ? cell : rows[0]?.[index]) === "number";
          const text = shown(cell);
          return right ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function shown(cell: string | number): string {
  return typeof cell === "number" ? grouped(cell) : cell;
}
