import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { cutLine, many, type Scenario } from "./rotation-world.ts";

/** Lines that rotation cuts in two. */
export const cut: Scenario[] = [
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

/** Files that are emptied in place. */
export const truncated: Scenario[] = [
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
