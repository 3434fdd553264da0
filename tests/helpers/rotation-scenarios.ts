import { written, renamed } from "./rotation-renamed.ts";
import { cut, truncated } from "./rotation-replaced.ts";
import { replaced, linked, packed } from "./rotation-packed.ts";
import type { Scenario } from "./rotation-world.ts";

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
