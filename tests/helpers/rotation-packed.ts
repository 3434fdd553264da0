import { linkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { digestOfLine, many, uniqueLine, type Scenario } from "./rotation-world.ts";

/** Files that others take the place of. */
export const replaced: Scenario[] = [
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

/** Files with several names. */
export const linked: Scenario[] = [
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

/** Packed files. */
export const packed: Scenario[] = [
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
