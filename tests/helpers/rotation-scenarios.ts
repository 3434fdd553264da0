import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { digestOfLine, uniqueLine, type World } from "./rotation-world.ts";

/** Something that happens to log files. */
export interface Scenario {
  name: string;
  run(world: World): Promise<void> | void;
  /** Records that are rightly refused; none where it is not said. */
  rejected?: number;
  /** The same lines lie in several files that were never one, so some are read twice. */
  repeats?: true;
}

const many = 60;

function cutLine(): { head: string; rest: string; digest: string } {
  const line = uniqueLine();
  return { head: line.slice(0, 70), rest: line.slice(70), digest: digestOfLine(line) };
}

const written: Scenario[] = [
  {
    name: "lines are appended between two looks",
    run: async (w) => {
      w.write(3);
      await w.look();
      w.write(many);
      await w.look();
      w.write(1);
    },
  },
  {
    name: "the first line arrives in three pieces",
    run: async (w) => {
      const { head, rest, digest } = cutLine();
      w.append(head.slice(0, 20));
      await w.look();
      w.append(head.slice(20));
      await w.look();
      w.append(rest);
      w.events.add(digest);
    },
  },
  {
    name: "the last line is unfinished, and finished later",
    run: async (w) => {
      w.write(many);
      const { head, rest, digest } = cutLine();
      w.append(head);
      await w.look();
      w.append(rest);
      w.events.add(digest);
      w.write(2);
    },
  },
  {
    name: "the last line is whole but for its newline",
    run: async (w) => {
      const line = uniqueLine();
      w.write(2);
      w.append(line.trimEnd());
      await w.look();
      w.append("\n");
      w.events.add(digestOfLine(line));
      w.write(2);
    },
  },
  {
    name: "an empty file gets lines later",
    run: async (w) => {
      w.append("");
      await w.look();
      w.write(5);
    },
  },
  {
    name: "lines end in a carriage return",
    run: async (w) => {
      w.append(w.lines(5).replaceAll("\n", "\r\n"));
      await w.look();
      w.append(w.lines(many).replaceAll("\n", "\r\n"));
    },
  },
  {
    name: "a line is longer than a chunk of the reader",
    run: async (w) => {
      w.write(1);
      await w.look();
      const line = uniqueLine().replace('"root"', `"${"r".repeat(300_000)}"`);
      w.append(line.slice(0, 200_000));
      await w.look();
      w.append(line.slice(200_000));
      w.events.add(digestOfLine(line));
    },
  },
  {
    name: "a file is touched and its rights change, and nothing else",
    run: async (w) => {
      w.write(many);
      await w.look();
      utimesSync(w.at("cowrie.json"), 1, 1);
      chmodSync(w.at("cowrie.json"), 0o640);
      await w.look();
      w.write(1);
    },
  },
  {
    name: "the clock jumps back between two lines",
    run: async (w) => {
      const early = w.lines(5);
      w.write(many);
      await w.look();
      w.append(early);
      utimesSync(w.at("cowrie.json"), 0, 0);
    },
  },
];

const renamed: Scenario[] = [
  {
    name: "rename to .1 after all was read",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(many);
    },
  },
  {
    name: "rename to .1 with lines that were not read",
    run: async (w) => {
      w.write(5);
      await w.look();
      w.write(many);
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(3);
    },
  },
  {
    name: "a chain .1 to .3, a look at each step",
    run: async (w) => {
      for (let step = 0; step < 3; step++) {
        w.write(10);
        await w.look();
        if (step > 1) w.rename("cowrie.json.2", "cowrie.json.3");
        if (step > 0) w.rename("cowrie.json.1", "cowrie.json.2");
        w.rename("cowrie.json", "cowrie.json.1");
        w.write(10);
        await w.look();
      }
    },
  },
  {
    name: "two rotations by size between two looks",
    run: async (w) => {
      w.write(5);
      await w.look();
      w.write(5);
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(5);
      w.rename("cowrie.json.1", "cowrie.json.2");
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(5);
    },
  },
  {
    name: "a daily rotation to a dated name",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.write(2);
      w.rename("cowrie.json", "cowrie.json.2026-01-05");
      w.write(2);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.2026-01-06");
      w.write(2);
    },
  },
  {
    name: "the new file comes some time after the rotation",
    run: async (w) => {
      w.write(5);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      await w.look();
      w.write(5);
    },
  },
  {
    name: "the writer goes on in the renamed file",
    run: async (w) => {
      w.write(5);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.append("");
      w.write(5, "cowrie.json.1");
      await w.look();
      w.write(5);
      w.write(1, "cowrie.json.1");
    },
  },
  {
    name: "a rotated file is moved into another folder",
    run: async (w) => {
      w.write(5);
      await w.look();
      w.write(5);
      mkdirSync(w.at("archive"));
      w.rename("cowrie.json", "archive/cowrie.json.1");
      w.write(5);
    },
  },
  {
    name: "two files exchange their names",
    run: async (w) => {
      w.write(10, "a.json");
      w.write(many, "b.json");
      await w.look();
      w.rename("a.json", "c.json");
      w.rename("b.json", "a.json");
      w.rename("c.json", "b.json");
      w.write(3, "a.json");
      w.write(3, "b.json");
    },
  },
  {
    name: "two folders rotate at once",
    run: async (w) => {
      for (const folder of ["one", "two"]) {
        mkdirSync(w.at(folder));
        w.write(10, `${folder}/cowrie.json`);
      }
      await w.look();
      for (const folder of ["one", "two"]) {
        w.write(10, `${folder}/cowrie.json`);
        w.rename(`${folder}/cowrie.json`, `${folder}/cowrie.json.1`);
        w.write(10, `${folder}/cowrie.json`);
      }
    },
  },
  {
    name: "the clock jumps back at a rotation",
    run: async (w) => {
      const early = w.lines(5);
      w.write(many);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.append(early);
      await w.look();
      w.write(5);
    },
  },
  {
    name: "a rotated file is renamed again and again",
    run: async (w) => {
      w.write(many);
      await w.look();
      for (let number = 1; number <= 4; number++) {
        w.rename(number === 1 ? "cowrie.json" : `cowrie.json.${number - 1}`, `cowrie.json.${number}`);
        await w.look();
      }
      w.write(1);
    },
  },
  {
    name: "a file is renamed while it is read",
    run: async (w) => {
      w.write(20_000);
      const looking = w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(5);
      await looking;
    },
  },
];

const cut: Scenario[] = [
  {
    name: "a rotation cuts a line in two: healed once",
    run: async (w) => {
      w.write(10);
      await w.look();
      const { head, rest, digest } = cutLine();
      w.append(head);
      w.rename("cowrie.json", "cowrie.json.1");
      w.append(rest);
      w.write(10);
      w.events.add(digest);
    },
  },
  {
    name: "a line is cut, and the rest comes after a look",
    run: async (w) => {
      w.write(many);
      const { head, rest, digest } = cutLine();
      w.append(head);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      await w.look();
      w.append(rest.slice(0, 10));
      await w.look();
      w.append(rest.slice(10));
      w.events.add(digest);
      w.write(10);
    },
  },
  {
    name: "the writer ends its line in the renamed file",
    run: async (w) => {
      w.write(3);
      const { head, rest, digest } = cutLine();
      w.append(head);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      await w.look();
      w.append(rest, "cowrie.json.1");
      w.events.add(digest);
      w.write(3);
    },
  },
  {
    name: "a cut line whose rest never comes is refused once",
    rejected: 1,
    run: async (w) => {
      w.write(3);
      w.append(cutLine().head);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(3);
    },
  },
  {
    name: "halves that make no line together are refused each",
    rejected: 2,
    run: async (w) => {
      w.write(3);
      w.append(cutLine().head.slice(0, 40));
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.append(`"]${cutLine().rest}`);
      w.write(3);
    },
  },
  {
    name: "halves that would make a line of another time are refused each",
    rejected: 2,
    run: async (w) => {
      const early = cutLine();
      w.write(3);
      w.append(cutLine().head);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.append(early.rest);
      w.write(3);
    },
  },
  {
    name: "a line is cut in one of two folders",
    run: async (w) => {
      mkdirSync(w.at("one"));
      mkdirSync(w.at("two"));
      w.write(4, "one/cowrie.json");
      w.write(4, "two/cowrie.json");
      await w.look();
      const { head, rest, digest } = cutLine();
      w.append(head, "one/cowrie.json");
      w.rename("one/cowrie.json", "one/cowrie.json.1");
      w.write(4, "two/cowrie.json");
      w.append(rest, "one/cowrie.json");
      w.events.add(digest);
      w.write(4, "one/cowrie.json");
    },
  },
];

const truncated: Scenario[] = [
  {
    name: "copytruncate after all was read",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      w.write(3);
    },
  },
  {
    name: "copytruncate with lines that were not read",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.write(3);
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      w.write(3);
    },
  },
  {
    name: "copytruncate, then more than there was before",
    run: async (w) => {
      w.write(4);
      await w.look();
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      w.write(many);
    },
  },
  {
    name: "copytruncate twice between two looks",
    run: async (w) => {
      w.write(4);
      await w.look();
      w.copy("cowrie.json", "cowrie.json.2");
      w.truncate();
      w.write(4);
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      w.write(4);
    },
  },
  {
    name: "copytruncate in the middle of a line",
    run: async (w) => {
      w.write(4);
      const { head, rest, digest } = cutLine();
      w.append(head);
      await w.look();
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      w.append(rest);
      w.write(4);
      w.events.add(digest);
    },
  },
  {
    name: "a writer that keeps its place leaves NULs behind a truncation",
    run: async (w) => {
      w.write(10);
      await w.look();
      const fd = openSync(w.at("cowrie.json"), "r+");
      w.copy("cowrie.json", "cowrie.json.1");
      w.truncate();
      writeSync(fd, w.lines(5), 2_000);
      closeSync(fd);
    },
  },
  {
    name: "a read file is emptied and written anew",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.truncate();
      await w.look();
      w.write(2);
      await w.look();
      w.write(many);
    },
  },
];

const replaced: Scenario[] = [
  {
    name: "a file is replaced by a shorter one",
    run: async (w) => {
      w.write(many);
      await w.look();
      writeFileSync(w.at("new"), w.lines(3));
      w.rename("new", "cowrie.json");
      await w.look();
      w.write(1);
    },
  },
  {
    name: "a file is replaced by a longer one",
    run: async (w) => {
      w.write(3);
      await w.look();
      writeFileSync(w.at("new"), w.lines(many));
      w.rename("new", "cowrie.json");
      await w.look();
      w.write(1);
    },
  },
  {
    name: "a file is replaced by one that begins like it",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.copy("cowrie.json", "new");
      w.write(5, "new");
      w.rename("new", "cowrie.json");
      await w.look();
      w.write(1);
    },
  },
  {
    name: "a file is replaced by another of the same size",
    run: async (w) => {
      const line = uniqueLine();
      w.append(line);
      w.events.add(digestOfLine(line));
      await w.look();
      const other = line.replace("root", "toor");
      writeFileSync(w.at("cowrie.json"), other);
      w.events.add(digestOfLine(other));
    },
  },
  {
    name: "a file is removed, and a new one takes its inode",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.remove("cowrie.json");
      w.write(many);
      await w.look();
      w.remove("cowrie.json");
      w.write(2);
    },
  },
  {
    name: "a read file is removed, and nothing follows",
    run: async (w) => {
      w.write(3, "other.json");
      w.write(3);
      await w.look();
      w.remove("cowrie.json");
    },
  },
  {
    name: "two files have their first 4,096 bytes in common",
    repeats: true,
    run: async (w) => {
      const common = w.lines(many);
      w.append(common, "a.json");
      w.write(3, "a.json");
      await w.look();
      w.append(common, "b.json");
      w.write(5, "b.json");
      await w.look();
      w.write(1, "a.json");
      w.write(1, "b.json");
    },
  },
  {
    name: "an older snapshot of a file takes its place",
    repeats: true,
    run: async (w) => {
      w.write(many);
      w.copy("cowrie.json", "snapshot");
      w.write(5);
      await w.look();
      w.rename("snapshot", "cowrie.json");
      await w.look();
      w.write(2);
    },
  },
];

const linked: Scenario[] = [
  {
    name: "a symbolic link leads to one dated file after the other",
    run: async (w) => {
      w.write(5, "cowrie-one");
      symlinkSync("cowrie-one", w.at("cowrie.json"));
      await w.look();
      w.write(5, "cowrie-one");
      await w.look();
      w.write(5, "cowrie-two");
      unlinkSync(w.at("cowrie.json"));
      symlinkSync("cowrie-two", w.at("cowrie.json"));
    },
  },
  {
    name: "one file has two names",
    run: async (w) => {
      w.write(5);
      linkSync(w.at("cowrie.json"), w.at("cowrie.json.2026-01-05"));
      await w.look();
      w.write(5);
    },
  },
];

const packed: Scenario[] = [
  {
    name: "a read file is packed",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.gzip("cowrie.json.1");
      w.write(3);
    },
  },
  {
    name: "a file is packed with lines that were not read",
    run: async (w) => {
      w.write(many);
      await w.look();
      w.rename("cowrie.json", "cowrie.json.1");
      w.write(many, "cowrie.json.1");
      w.gzip("cowrie.json.1");
      w.write(3);
    },
  },
  {
    name: "a packed twin lies beside a read file, which goes later",
    run: async (w) => {
      w.write(many, "cowrie.json.1");
      await w.look();
      w.gzip("cowrie.json.1", "keep");
      await w.look();
      w.remove("cowrie.json.1");
      await w.look();
      w.write(1);
    },
  },
  {
    name: "a packed file gets another member",
    run: async (w) => {
      w.append(gzipSync(w.lines(many)), "cowrie.json.1.gz");
      await w.look();
      w.append(gzipSync(w.lines(many)), "cowrie.json.1.gz");
    },
  },
  {
    name: "a packed file of several members",
    run: async (w) => {
      for (let member = 0; member < 3; member++) w.append(gzipSync(w.lines(7)), "cowrie.json.1.gz");
      await w.look();
      w.write(1);
    },
  },
  {
    name: "a packed file breaks off, and its rest comes later",
    rejected: 1,
    run: async (w) => {
      const whole = gzipSync(w.lines(4_000));
      w.append(whole.subarray(0, whole.length / 2), "cowrie.json.1.gz");
      await w.look();
      w.append(whole.subarray(whole.length / 2), "cowrie.json.1.gz");
    },
  },
];

/** Every scenario. */
export const scenarios: readonly Scenario[] = [
  ...written,
  ...renamed,
  ...cut,
  ...truncated,
  ...replaced,
  ...linked,
  ...packed,
];
