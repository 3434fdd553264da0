import { writeFileSync } from "node:fs";
import { CowriedbError } from "../../errors.ts";
import { visible } from "../../term.ts";
import { maybeTextOf } from "./names.ts";

/** A name for a height of the schema: all migrations up to and with one. */
export interface Tag {
  tag: string;
  migration: string;
  note: string;
}

const columns = "tag\tmigration\tnote";
const tagName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The tags of a `tags.tsv`, which stands beside the folders of the engines; none where there is no such file. Throws `migrate.tag`. */
export function readTags(path: string): Tag[] {
  const tags = (maybeTextOf(path) ?? "")
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== "")
    .map((line): Tag => {
      const [tag = "", migration = "", note = ""] = line.split("\t");
      return { tag, migration, note };
    });
  const twice = tags.find(({ tag }, index) => tags.findIndex((other) => other.tag === tag) < index);
  if (twice === undefined) return tags;
  throw new CowriedbError("migrate.tag", `${visible(path)} has the tag ${visible(twice.tag)} twice.`, {
    hint: "Take one of the two lines out; a tag that was given stays where it is.",
  });
}

/** Adds a line to a `tags.tsv`, which is made where there is none. Throws `migrate.tag` where the name cannot be one, or is given. */
export function addTag(path: string, { tag, migration, note }: Tag): void {
  if (!tagName.test(tag)) {
    throw new CowriedbError("migrate.tag", `${JSON.stringify(visible(tag))} cannot be a tag.`, {
      hint: "Take letters, digits, dots, dashes and underscores, 63 at most.",
    });
  }
  const known = readTags(path).find((one) => one.tag === tag);
  if (known !== undefined) {
    throw new CowriedbError("migrate.tag", `The tag ${tag} is given: to ${visible(known.migration)}.`, {
      hint: "A tag stays where it is. Give another name.",
    });
  }
  const text = maybeTextOf(path) ?? "";
  const kept = text === "" ? `${columns}\n` : text.replace(/\n*$/, "\n");
  writeFileSync(path, `${kept}${tag}\t${migration}\t${note.replaceAll(/\s+/g, " ").trim()}\n`);
}
