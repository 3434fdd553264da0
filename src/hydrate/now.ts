/** The present in the form that is stored. */
export function nowText(): string {
  return `${new Date().toISOString().slice(0, 23)}000Z`;
}
