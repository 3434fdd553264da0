import type { Dialect } from "../migrate/files/names.ts";
import { tokensOf } from "../migrate/files/statements.ts";

/**
 * An expression in words that both dialects share, for telling whether two mean the same: without casts, parentheses and blanks,
 * with the operators and functions of one under the names of the other. What differs behind that is told, not forgiven.
 *
 * Limit: that two differ in nothing but where parentheses stand is not seen; the server writes them all, a file few.
 */
export function neutralExpression(dialect: Dialect, text: string): string {
  const words = tokensOf(text, dialect).map(plain);
  const joined = (dialect === "postgres" ? withoutCasts(words) : words).join(" ");
  const shared = dialect === "postgres" ? ofPostgres(joined) : ofSqlite(joined);
  return shared
    .replaceAll(/'(?:[^']|'')*'|[()]/g, (piece) => (piece.startsWith("'") ? piece : " "))
    .replaceAll(/ +/g, " ")
    .replaceAll("!=", "<>")
    .replaceAll("! =", "<>")
    .replaceAll("< >", "<>")
    .replaceAll("> =", ">=")
    .replaceAll("< =", "<=")
    .replaceAll("> >", ">>")
    .replaceAll(" else null end", " end")
    .trim();
}

/** The columns of an index, each an expression. */
export function neutralIndexColumns(dialect: Dialect, text: string): string {
  return neutralExpression(dialect, text).replaceAll(" ,", ",");
}

function plain(token: string): string {
  if (token.startsWith("'")) return token;
  return token.replace(/^"(.*)"$/, "$1").toLowerCase();
}

/** `x::type` is x, and `'12'::bigint` is 12. */
function withoutCasts(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at++) {
    if (words[at] !== ":" || words[at + 1] !== ":") {
      kept.push(words[at] ?? "");
      continue;
    }
    const last = kept.at(-1) ?? "";
    at += 2;
    const isNumber = /^(?:bigint|integer|smallint|numeric)$/.test(words[at] ?? "");
    if (isNumber && /^'-?\d+'$/.test(last)) kept[kept.length - 1] = last.slice(1, -1);
    if (words[at] === "timestamp" && words[at + 1] === "with") at += 3;
    if (words[at + 1] === "[" && words[at + 2] === "]") at += 2;
  }
  return kept;
}

function ofPostgres(text: string): string {
  return (
    text
      .replaceAll(/= any \( array \[ (.*?) \] \)/g, "in $1")
      .replaceAll(/< > all \( array \[ (.*?) \] \)/g, "not in $1")
      .replaceAll(/<> all \( array \[ (.*?) \] \)/g, "not in $1")
      .replaceAll(/\( (\S+) >= (\S+) \) and \( \1 <= (\S+) \)/g, "$1 between $2 and $3")
      .replaceAll(/\( (\S+ \( \S+ \)) > = (\S+) \) and \( \1 < = (\S+) \)/g, "$1 between $2 and $3")
      .replaceAll(/\( (\S+) > = (\S+) \) and \( \1 < = (\S+) \)/g, "$1 between $2 and $3")
      .replaceAll(/jsonb_typeof \( (\S+) \) = 'object'/g, "$1 is json object")
      .replaceAll(/jsonb_typeof \( \( (\S+) - > '(\w+)' \) \)/g, "json type $1 $2")
      .replaceAll(/(\w+) - > > '(\w+)'/g, "json text $1 $2")
      .replaceAll(/position \( \( ('\w+') \) in \( (\w+) \) \)/g, "instr $2 , $1")
      // Every text of a store is compared byte by byte.
      .replaceAll(/ collate c\b/g, "")
  );
}

function ofSqlite(text: string): string {
  return text
    .replaceAll(/json_valid \( (\S+) , 1 \) and json_type \( (\S+) \) = 'object'/g, "$2 is json object")
    .replaceAll(/json_type \( (\w+) , '\$\.(\w+)' \)/g, "json type $1 $2")
    .replaceAll(/(\w+) - > > '\$\.(\w+)'/g, "json text $1 $2")
    .replaceAll(/(json type .*?(?:=|when)) 'text'/g, "$1 'string'")
    .replaceAll(/cast \( (\S+) as \w+ \)/g, "$1");
}
