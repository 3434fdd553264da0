import { placedTokensOf, type Token } from "../files/statements.ts";

/** The place in a body, and what stands there. */
export interface BodyReader {
  /** The word so many ahead, in small letters; nothing behind the end. */
  word(ahead?: number): string;
  at(): number;
  isEnd(): boolean;
  skip(count?: number): void;
  /** Goes on to the first of `stops` that is in no parentheses and no CASE; gives what was passed. */
  upTo(stops: readonly string[]): { at: number; text: string };
}

/** The tokens of a body and the place among them. */
export function readerOf(body: string): BodyReader {
  const tokens = placedTokensOf(body, "postgres").flatMap(apart);
  const place = { index: 0 };
  const word = (ahead = 0): string => tokens[place.index + ahead]?.text.toLowerCase() ?? "";
  const at = (index: number): number => tokens[index]?.at ?? body.length;
  return {
    word,
    at: () => at(place.index),
    isEnd: () => place.index >= tokens.length,
    skip: (count = 1) => void (place.index += count),
    upTo: (stops) => {
      const from = place.index;
      let depth = 0;
      for (; place.index < tokens.length; place.index++) {
        const now = word();
        const isStop =
          depth === 0 &&
          stops.some((stop) => (stop === ".." ? now === "." && word(1) === "." : now === stop));
        if (isStop) break;
        if (now === "(" || now === "[" || now === "case") depth++;
        if (now === ")" || now === "]" || now === "end") depth--;
      }
      return { at: at(from), text: body.slice(at(from), at(place.index)) };
    },
  };
}

/** `1..n` is three. */
function apart(token: Token): Token[] {
  const match = /^(\d+)(\.)(\.)(.*)$/.exec(token.text);
  if (match === null) return [token];
  let at = token.at;
  return match
    .slice(1)
    .filter((text) => text !== "")
    .map((text) => {
      const one = { text, at };
      at += text.length;
      return one;
    });
}

/** A statement without `into v_a, v_b`, which is no SQL. */
export function withoutInto(text: string): { sql: string; into: string[] } {
  const tokens = placedTokensOf(text, "postgres");
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    const before = tokens[index - 1]?.text.toLowerCase() ?? "";
    if (depth !== 0 || token.text.toLowerCase() !== "into" || /^(insert|merge)$/.test(before)) continue;
    let last = tokens[index + 1]?.text.toLowerCase() === "strict" ? index + 1 : index;
    const into: string[] = [];
    for (;;) {
      let name = "";
      do {
        name += `${tokens[++last]?.text.toLowerCase() ?? ""}`;
        if (tokens[last + 1]?.text !== ".") break;
        name += ".";
        last++;
      } while (last < tokens.length);
      into.push(name);
      if (tokens[last + 1]?.text !== ",") break;
      last++;
    }
    const end = (tokens[last]?.at ?? 0) + (tokens[last]?.text.length ?? 0);
    const blank = text.slice(token.at, end).replaceAll(/[^\n]/g, " ");
    return { sql: text.slice(0, token.at) + blank + text.slice(end), into };
  }
  return { sql: text, into: [] };
}
