import type postgres from "postgres";

/** Whether a pool has lost a connection, and who must hear of it. */
export interface Loss {
  isLost: boolean;
  /** Called once, when the first connection is lost. */
  listeners: Set<(error: Error) => void>;
}

/** Nothing is lost yet. */
export function noLoss(): Loss {
  return { isLost: false, listeners: new Set() };
}

/** Notes that a connection has closed; to be called at once, before anyone can use the connection again. */
export function noteLoss(loss: Loss): void {
  loss.isLost = true;
  for (const listener of loss.listeners) listener(lostError());
  loss.listeners.clear();
}

/** Runs `work`, and fails as soon as a connection of the pool is lost, whatever becomes of `work` then. */
export async function untilLost<T>(loss: Loss, work: () => Promise<T>): Promise<T> {
  if (loss.isLost) throw lostError();
  let listener: ((error: Error) => void) | undefined;
  try {
    const lost = new Promise<never>((_resolve, reject) => {
      loss.listeners.add((listener = reject));
    });
    return await Promise.race([work(), lost]);
  } finally {
    if (listener !== undefined) loss.listeners.delete(listener);
  }
}

/**
 * Runs `work` on a connection in a transaction of postgres.js 3.4.9, which must hear nothing of its end once a connection
 * is lost: the driver would send its ROLLBACK through a socket that is gone, outside of any promise, and that ends the
 * process. So would any other statement: `guarded` refuses them.
 */
export async function unheardIfLost<T>(loss: Loss, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    work().then(
      (value) => {
        if (!loss.isLost) resolve(value);
      },
      (error: unknown) => {
        if (!loss.isLost) reject(error);
      },
    );
  });
}

/** The connection of a transaction, which throws `CONNECTION_CLOSED` at every use once a connection is lost. */
export function guarded(connection: postgres.TransactionSql, loss: Loss): postgres.TransactionSql {
  const savepoint = async (work: (inner: postgres.TransactionSql) => Promise<unknown>): Promise<unknown> =>
    connection.savepoint(async (inner) => unheardIfLost(loss, async () => work(guarded(inner, loss))));
  return new Proxy(connection, {
    get: (target, name) => {
      if (loss.isLost) throw lostError();
      return name === "savepoint" ? savepoint : (Reflect.get(target, name) as unknown);
    },
    apply: (target, self, words) => {
      if (loss.isLost) throw lostError();
      return Reflect.apply(target as never, self, words) as unknown;
    },
  });
}

function lostError(): Error {
  return Object.assign(new Error("the connection is closed"), { code: "CONNECTION_CLOSED" });
}
