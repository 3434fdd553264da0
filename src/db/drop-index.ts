/** The statement that takes away an index, named as it is to be quoted, while its table is in use. */
export function dropIndexText(index: string): string {
  return `drop index concurrently ${index}`;
}
