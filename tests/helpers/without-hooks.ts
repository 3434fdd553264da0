import asyncHooks, { type AsyncHook } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

// tap follows each promise of a test file, to say in which of its tests an error was that nobody has caught: that takes a tenth
// of the file's time. Without it such an error ends the file, with its stack, and tests/run.ts counts it as failed.
if (isMainThread) {
  const nothing: AsyncHook = { enable: () => nothing, disable: () => nothing };
  asyncHooks.createHook = () => nothing;
  syncBuiltinESMExports();
}
