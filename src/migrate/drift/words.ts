/** What a part of a schema is where the catalogs note nothing of it. */
const plain: Partial<Record<string, string>> = {
  state: "enabled",
  validity: "valid",
  persistence: "logged",
  owner: "the owner of the schema",
  collation: "default",
  storage: "default",
  compression: "default",
  tablespace: "the database's own",
  "access method": "heap",
  "row security": "off",
  "row security of its owner": "off",
  "replica identity": "default",
  "statistics target": "default",
  "enforcement of foreign keys": "on",
  "use by everybody": "allowed",
};

/** A value as it is told: a word where the catalogs have none. */
export function wordOf(facet: string, value: string): string {
  return value === "" ? (plain[facet] ?? "") : value;
}

type Said = (now: string, wanted: string) => string;

/** Sentences of what is no value to a reader, but something that a thing is, has or may. */
const predicates: Partial<Record<string, Said>> = {
  state: (now, wanted) => `is ${now}, and should be ${wanted}`,
  nullability: (_now, wanted) =>
    wanted === "not null" ? "may be NULL, and should not" : "may not be NULL, and should",
  persistence: (now) =>
    now === "logged"
      ? "is logged, and should be unlogged"
      : "is unlogged, so that a crash empties it, and should be logged",
  generation: (now, wanted) => {
    if (now === "") return `is not generated, and should be ${wanted}`;
    return wanted === ""
      ? `is generated (${now}), and should hold values of its own`
      : `is generated as ${now}, and should be ${wanted}`;
  },
  identity: (now, wanted) => {
    if (now === "") return `is no identity, and should be one that is generated ${wanted}`;
    return wanted === ""
      ? `is an identity, generated ${now}, and should be none`
      : `is an identity generated ${now}, and should be one generated ${wanted}`;
  },
  "primary key": (now, wanted) => `is ${inKey(now)}, and should be ${inKey(wanted)}`,
  "row security": (now, wanted) => `has row security ${now}, and should have it ${wanted}`,
  "row security of its owner": (now) =>
    now === "on"
      ? "has row security for its owner too, and should not"
      : "has no row security for its owner, and should",
  "enforcement of foreign keys": (now, wanted) =>
    now === "on"
      ? `enforces its foreign keys, and they should be ${wanted}`
      : `does not enforce ${now.replace("off for ", "")}, so that rows may refer to nothing, and should`,
  "use by everybody": (now) =>
    now === "allowed"
      ? "may be called by everybody, and should not"
      : "may not be called by everybody, and should",
  leakproof: (now) => (now === "yes" ? "is leakproof, and should not be" : "is not leakproof, and should be"),
};

/** The same of what has no facet. */
const wholePredicates: Partial<Record<string, Said>> = {
  privilege: (now) => (now === "" ? "may not be passed on, and should" : "may be passed on, and should not"),
};

/** Facets of which there are several in one. */
const plurals = new Set(["options", "settings", "arguments", "cost and rows"]);

/** Facets whose one statement needs nothing else to be so again. */
const mended = new Set([
  ...["state", "validity", "persistence", "row security", "row security of its owner"],
  ...["enforcement of foreign keys", "use by everybody"],
]);

/** What a sentence is made of. */
export interface Contrast {
  kind: string;
  facet: string;
  now: string;
  wanted: string;
  /** The SQL that makes it so; null where there is none. */
  put: string | null;
}

/** What is said behind the name of a thing of which one facet is another, as ` is disabled, and should be enabled.` */
export function contrastText({ kind, facet, now: is, wanted: should, put }: Contrast): string {
  const [now, wanted] = [wordOf(facet, is), wordOf(facet, should)];
  const predicate = facet === "" ? wholePredicates[kind] : predicates[facet];
  const validity = facet === "validity" ? validityText(kind, now) : undefined;
  const said = validity ?? predicate?.(now, wanted);
  const mend = mended.has(facet) && put !== null ? ` To put it back: ${put};` : "";
  return `${said === undefined ? `: ${valuesText(facet, now, wanted)}` : ` ${said}`}.${mend}`;
}

function validityText(kind: string, now: string): string {
  if (now === "valid") return "is valid, and should not be";
  return kind === "index"
    ? "is not valid, so that no query uses it, and should be"
    : "is not validated, so that rows from before may break it, and should be";
}

function inKey(value: string): string {
  return value === "" ? "no part of the primary key" : value.replace(/ of it$/, " of the primary key");
}

function valuesText(facet: string, now: string, wanted: string): string {
  const what = facet === "" ? "it is" : `its ${facet} ${plurals.has(facet) ? "are" : "is"}`;
  const isLong = now.includes("\n") || wanted.includes("\n");
  const line = isLong ? lineOf(now, wanted) : undefined;
  const shown = (text: string): string =>
    quote(line === undefined ? text : (text.split("\n")[line] ?? "").trim());
  const where = line === undefined ? "" : ` in line ${line + 1}`;
  return `${what} ${shown(now)}${where}, and should be ${shown(wanted)}`;
}

/** The first line in which two texts differ. */
function lineOf(now: string, wanted: string): number {
  const others = wanted.split("\n");
  return [...now.split("\n"), ""].findIndex((text, index) => text !== others[index]);
}

function quote(text: string): string {
  return text === "" ? "none" : `«${shortened(text)}»`;
}

/** A text in one line, cut where it is long. */
export function shortened(text: string): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length <= 160 ? flat : `${flat.slice(0, 157)}…`;
}
