import { chmodSync, mkdirSync, utimesSync } from "node:fs";
import { cutLine, digestOfLine, many, uniqueLine, type Scenario } from "./rotation-world.ts";

/** Files that are only written to. */
export const written: Scenario[] = [
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

/** Rotation by renaming. */
export const renamed: Scenario[] = [
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
