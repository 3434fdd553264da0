/**
 * Has `hear` told what the server says of a query, before whoever awaits the query.
 *
 * Trap: of an error behind the first row of a COPY out, or behind the last byte of one in, such as a duplicate key among the
 * last rows, postgres.js 3.4.9 tells neither its stream nor whoever awaits the query, which has resolved with the stream: that
 * waits for ever. So the query's own refusal is listened to.
 */
export function hearRefusal(query: object, hear: (error: unknown) => void): void {
  const settles = query as { reject: (error: unknown) => void };
  const refuse = settles.reject;
  settles.reject = (error) => {
    hear(error);
    refuse(error);
  };
}
