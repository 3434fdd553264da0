import { maxDepth, maxKeys } from "./found.ts";
import { portableText } from "./portable.ts";

// The keys of one text, by number: where each stands, its hash, its object, and the key before it in that object.
const keyStart = new Int32Array(maxKeys);
const keyStop = new Int32Array(maxKeys);
const keyHash = new Int32Array(maxKeys);
const keyObject = new Int32Array(maxKeys);
const keyBefore = new Int32Array(maxKeys);
// The containers that are open, by depth.
const lastKey = new Int32Array(maxDepth + 1);
const objectNumber = new Int32Array(maxDepth + 1);

let keys = 0;
let objects = 0;
let hasEscapedKey = false;
let isRepeated = false;
let isOver = false;

/** The hash by which keys are told apart; `fold` 0x20 takes capitals for small letters. */
export function hashOf(bytes: Buffer, from: number, to: number, fold: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + ((bytes[at] as number) | fold)) | 0;
  return hash;
}

/** Forgets the keys of the text before. */
export function startKeys(): void {
  keys = 0;
  objects = 0;
  hasEscapedKey = false;
  isRepeated = false;
  isOver = false;
}

/** Begins an object or array; its keys are told apart from those around it. */
export function openKeys(depth: number): void {
  lastKey[depth] = -1;
  objectNumber[depth] = objects++;
}

/** Notes a key of the object that is open at `depth`; `hash` is that of its bytes. */
export function noteKey(
  bytes: Buffer,
  start: number,
  stop: number,
  depth: number,
  hash: number,
  isEscaped: boolean,
): void {
  if (keys === maxKeys) {
    isOver = true;
    keys--;
  }
  keyStart[keys] = start;
  keyStop[keys] = stop;
  keyHash[keys] = hash;
  keyObject[keys] = objectNumber[depth] as number;
  keyBefore[keys] = lastKey[depth] as number;
  if (isEscaped) hasEscapedKey = true;
  else if (!isOver && isKnownKey(bytes, keys)) isRepeated = true;
  lastKey[depth] = keys;
  keys++;
}

/** Whether the text has more than `maxKeys` keys. */
export function hasTooManyKeys(): boolean {
  return isOver;
}

/** Whether an object of the text has a key twice. */
export function hasRepeatedKey(bytes: Buffer): boolean {
  return isRepeated || (hasEscapedKey && hasEqualKeys(bytes));
}

/** Whether the key with number `key` stands in its object already; keys with escapes are compared later. */
function isKnownKey(bytes: Buffer, key: number): boolean {
  const hash = keyHash[key] as number;
  const start = keyStart[key] as number;
  const length = (keyStop[key] as number) - start;
  for (let other = keyBefore[key] as number; other >= 0; other = keyBefore[other] as number) {
    if (keyHash[other] !== hash || (keyStop[other] as number) - (keyStart[other] as number) !== length)
      continue;
    const otherStart = keyStart[other] as number;
    let index = 0;
    while (index < length && bytes[start + index] === bytes[otherStart + index]) index++;
    if (index === length) return true;
  }
  return false;
}

/** Compares all keys of the text in their portable form; only for a text with an escape in a key. */
function hasEqualKeys(bytes: Buffer): boolean {
  const seen = new Set<string>();
  for (let key = 0; key < keys; key++) {
    const text = portableText(bytes, keyStart[key] as number, keyStop[key] as number);
    const name = `${keyObject[key] as number} ${text}`;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
