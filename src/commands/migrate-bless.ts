import { usageError } from "../errors.ts";
import { blessFolder, blessMigration, type Blessed } from "../migrate/history/bless.ts";
import { folderHeights } from "../migrate/folder/folder.ts";
import { named, type Heights } from "../migrate/reach.ts";
import { heightsOf } from "../migrate/status.ts";
import { green, visible } from "../term.ts";
import { changed, type FolderOptions } from "./migrate-folder.ts";
import { answer } from "./output.ts";
import { withAnyStore } from "./store.ts";

/** Options of `cowriedb migrate bless`. */
export interface BlessOptions extends FolderOptions {
  reason: string;
}

/** `cowriedb migrate bless NAME`: accepts an edit of comments in an applied file, of the store or of a folder. */
export async function bless(words: readonly string[], options: BlessOptions): Promise<void> {
  const [name, ...rest] = words;
  if (name === undefined || rest.length > 0)
    throw usageError("migrate bless takes one migration.", "Run: cowriedb migrate status");
  const reason = options.reason.trim();
  if (reason === "")
    throw usageError("migrate bless needs a reason; the ledger keeps it.", 'Give it: --reason "…"');
  const tell = (blessed: Blessed): void => {
    answer(
      options,
      blessed,
      () => `${green("✔")} ${visible(blessed.name)}${acceptedText(blessed)}. The ledger has the reason.`,
    );
  };
  if (options.dir === "") {
    await withAnyStore(options, {}, async ({ changes, database }) =>
      tell(await blessMigration(changes, wholeName(name, heightsOf(database, [])), reason)),
    );
    return;
  }
  await changed(options, false, async ({ database, target, folder }) =>
    tell(await blessFolder(database, target, folder, wholeName(name, folderHeights(folder, [])), reason)),
  );
}

function acceptedText({ was, digest, down_was: downWas, down_digest: downDigest }: Blessed): string {
  const up = was === digest ? "" : " says what was applied; its comments are others";
  const down = downWas === downDigest ? "" : "its down file is accepted as it is";
  return down === "" ? up : up === "" ? `: ${down}` : `${up}, and ${down}`;
}

/** The whole name of what a number, a file or a tag names; of a migration without a file the ledger says what it is. */
function wholeName(word: string, heights: Heights): string {
  return /^\d{4}_[a-z0-9_]+$/.test(word) ? word : named(heights, word);
}
