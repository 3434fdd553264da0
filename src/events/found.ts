/** What a scan of a JSON text found. */
export const found = {
  /** One whole value; `scan.end` is behind it. */
  value: 0,
  /** The text ends inside the value. */
  truncated: 1,
  badJson: 2,
  controlChar: 3,
  /** Nested more than `maxDepth` deep. */
  tooDeep: 4,
  /** More than `maxKeys` keys, all levels together. */
  tooManyKeys: 5,
  duplicateKey: 6,
  /** Nothing but blanks. */
  blank: 7,
} as const;

export type Found = (typeof found)[keyof typeof found];

export const maxDepth = 64;
export const maxKeys = 1024;
