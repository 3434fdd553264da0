import type { Query } from "../sql/run.ts";
import type { Dialect, Migration } from "./files.ts";

/** One connection inside the one transaction that a change of the schema is. */
export interface Change {
  dialect: Dialect;
  /** Runs statements without parameters. */
  execute(text: string): Promise<void>;
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
  /** Runs the migrations' files through the engine's runner. */
  migrate(migrations: readonly Migration[], direction: "up" | "down"): Promise<Map<string, number>>;
  /** Throws when a view or trigger does not compile. */
  compile(): Promise<void>;
}

/** Opens a change: takes the lock, runs `work` in one transaction, and commits, or takes all back. */
export type ChangeRunner = <T>(work: (change: Change) => Promise<T>) => Promise<T>;
