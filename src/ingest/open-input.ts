import { closeSync } from "node:fs";
import { fileError, type InputFile } from "./files.ts";
import { openFile, placeKey } from "./place.ts";

/** Opens a file that has been looked at; undefined where its name leads to another one by now. */
export function openInput(file: InputFile): number | "-" | undefined {
  if (file.place === null) return "-";
  try {
    const opened = openFile(file.path);
    if (opened === undefined) return undefined;
    if (placeKey(opened.place) === placeKey(file.place)) return opened.fd;
    closeSync(opened.fd);
    return undefined;
  } catch (cause) {
    const error = fileError(file.path, cause);
    if (error.code === "ingest.not_found") return undefined;
    throw error;
  }
}
