/** A statement with its parameters. */
export interface BoundText {
  text: string;
  /** In the order of their first mention. */
  parameters: string[];
}

/** What may hold a colon and is no parameter: strings, quoted names, comments, dollar quotes, casts, slices. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$([a-z_]*)\$[\s\S]*?\$\1\$|::|:=|:([a-z][a-z0-9_]*)/g;

/** Finds the `:name` parameters of a statement; `numbered` writes each as `$1`, `$2`, …. */
export function bindParameters(statement: string, style: "named" | "numbered"): BoundText {
  const parameters: string[] = [];
  const text = statement.replace(
    tokens,
    (token: string, _tag: string | undefined, name: string | undefined) => {
      if (name === undefined) return token;
      if (!parameters.includes(name)) parameters.push(name);
      return style === "named" ? token : `$${parameters.indexOf(name) + 1}`;
    },
  );
  return { text, parameters };
}
