import t from "tap";
import { lockFileProblems, missingPackages } from "../../src/dev/lock-file.ts";

void t.test("the lock file has an entry for every package that it names", (t) => {
  t.same(lockFileProblems(), []);
  t.end();
});

void t.test("an optional package of another platform that was dropped is told", (t) => {
  const packages = {
    "": { devDependencies: { tool: "1.0.0" } },
    "node_modules/tool": {
      version: "1.0.0",
      optionalDependencies: { "@tool/linux": "1.0.0", "@tool/windows": "1.0.0" },
    },
    "node_modules/@tool/linux": { version: "1.0.0" },
  };

  t.same(missingPackages(packages), [
    "@tool/windows 1.0.0, which node_modules/tool names, is not in package-lock.json",
  ]);
  t.end();
});

void t.test("a package is looked for as Node does, the nearest first", (t) => {
  const packages = {
    "": { dependencies: { outer: "^1.0.0" } },
    "node_modules/outer": { version: "1.2.0", dependencies: { inner: "2.0.0", shared: "3.0.0" } },
    "node_modules/outer/node_modules/inner": { version: "2.0.0", dependencies: { shared: "3.0.0" } },
    "node_modules/inner": { version: "1.0.0" },
    "node_modules/shared": { version: "3.0.1" },
  };

  t.same(missingPackages(packages), [
    "shared is locked at 3.0.1, but node_modules/outer wants 3.0.0",
    "shared is locked at 3.0.1, but node_modules/outer/node_modules/inner wants 3.0.0",
  ]);
  t.end();
});
