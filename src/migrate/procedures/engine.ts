import type { Query } from "../../sql/run.ts";
import type { Dialect, Migration, Procedure } from "../files/files.ts";

/** One connection inside the one transaction that a change of the schema is. */
export interface Change {
  dialect: Dialect;
  /** Runs statements without parameters. */
  execute(text: string): Promise<void>;
  rows<P, R>(query: Query<P, R>, parameters: P): Promise<R[]>;
  /** Runs the migrations' files through the engine's runner. */
  migrate(migrations: readonly Migration[], direction: "up" | "down"): Promise<Map<string, number>>;
  /** Throws `migrate.does_not_compile` where a view, trigger or routine does not compile; the files say where. */
  compile(procedures: readonly Procedure[]): Promise<void>;
}

/** Opens a change: takes the lock, runs `work` in one transaction, and commits, or takes all back. */
export type ChangeRunner = <T>(work: (change: Change) => Promise<T>) => Promise<T>;
