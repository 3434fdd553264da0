import { migrationNames, toolVersion } from "../migrate/files/names.ts";
import { answer, type CommonOptions } from "./output.ts";

/** `cowriedb version`: the program's version and the schema it brings. */
export function version(options: CommonOptions): void {
  const schema = migrationNames("sqlite").at(-1) ?? null;
  answer(
    options,
    { version: toolVersion, schema_version: schema, node: process.version },
    () => `cowriedb ${toolVersion}, schema ${schema ?? ""}`,
  );
}
