import { databaseError, isOfDriver } from "../../db/database-error.ts";
import type { Sqlite } from "../../db/sqlite.ts";
import { encodePart, type Part } from "../rows/encode.ts";
import { refusedRow } from "../rows/refused-row.ts";

/** The place that the server names when a COPY fails, as in `COPY raw_events, line 7, column payload`. */
const placeForm = /^COPY \w+, line (\d+)(?:, column (\w+))?/m;

/**
 * An error of a COPY with the row, by its key, and the column that the server was at; the error itself where it names no row. The
 * part is read once more to find the row.
 */
export async function placedError(
  error: unknown,
  source: Sqlite,
  part: Part,
  isExact: boolean,
  target: string,
): Promise<unknown> {
  const { where } = error as { where?: unknown };
  const found = typeof where === "string" ? placeForm.exec(where) : null;
  if (found === null || !isOfDriver(error)) return error;
  const [, line, column] = found;
  let left = Number(line);
  let key = "";
  await encodePart(
    source,
    part,
    {
      row: async (_bytes, values) => {
        left -= 1;
        if (left === 0) key = refusedRow(part.table, values, 0, "", "").row_key;
        return Promise.resolve();
      },
      refused: async () => Promise.resolve(),
    },
    isExact,
  );
  const place = column === undefined ? key : `${key}, column ${column},`;
  return databaseError(error, `copy ${part.table.name} ${place}`, target);
}
