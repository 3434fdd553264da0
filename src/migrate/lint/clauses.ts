/** Words at no depth of parentheses; those that are empty now stay. */
export function outerOf(words: string): string {
  let depth = 0;
  return words
    .split(" ")
    .filter((word) => {
      if (word === ")") depth = Math.max(0, depth - 1);
      const isKept = depth === 0;
      if (word === "(") depth++;
      return isKept;
    })
    .join(" ");
}

const verbs = new Set(["insert", "update", "delete", "merge"]);

/** Of a statement that begins with WITH, those in it that write: `with d as ( delete from … ) insert into …` has two. */
export function clausesOf(words: string): string[] {
  if (!words.startsWith("with ")) return [];
  const list = words.split(" ");
  const found: string[] = [];
  let depth = 0;
  for (const [index, word] of list.entries()) {
    if (word === ")") depth--;
    if (word === "(") depth++;
    // The statement itself stands behind the last of its tables.
    const begins = depth === 0 ? list[index - 1] === ")" : list[index - 1] === "(";
    if (begins && verbs.has(word)) found.push(clauseAt(list, index));
  }
  return found;
}

/** From a word to the parenthesis that closes it, or to the end. */
function clauseAt(list: readonly string[], from: number): string {
  let depth = 0;
  const end = list.findIndex((word, index) => {
    if (index < from) return false;
    if (word === "(") depth++;
    if (word === ")") depth--;
    return depth < 0;
  });
  return list.slice(from, end < 0 ? undefined : end).join(" ");
}
