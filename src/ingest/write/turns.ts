/** A batch in the queue: its current try, for the batch behind it to follow. */
export interface Turn {
  attempt: Attempt;
}

export interface Attempt {
  inserted: Promise<void>;
  committed: Promise<void>;
  reportInserted(): void;
  reportCommitted(): void;
  /** Who waits for either fails with the same error, so it is rolled back too and tries again where that may help. */
  fail(error: unknown): void;
}

/** A try that has just begun. */
export function newAttempt(): Attempt {
  const [inserted, committed] = [deferred(), deferred()];
  return {
    inserted: inserted.promise,
    committed: committed.promise,
    reportInserted: inserted.resolve,
    reportCommitted: committed.resolve,
    fail: (error) => {
      inserted.reject(error);
      committed.reject(error);
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let settle = { resolve: (): void => undefined, reject: (_error: unknown): void => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // A batch that no other one follows fails alone.
  promise.catch(() => undefined);
  return { promise, ...settle };
}
