import type { Target } from "../../config.ts";
import { schemaCreateOwnSchema, schemaOwnPath } from "../../sql/generated.ts";
import { visitingClient } from "../connect.ts";
import type { Folder } from "../files/folder-files.ts";
import { clientRows } from "../procedures/postgres-rows.ts";
import type { Shadow } from "./shadow.ts";

interface OwnPath {
  path: string;
  schemas: string[];
}

/** A shadow, and the schemas in it that were there before any migration. */
export interface OwnShadow {
  shadow: Shadow;
  schemas: string[];
}

/**
 * A shadow in which the files of a folder find names where they find them in the database that it stands for: the path may be set
 * for the database, the role or the connection, and the schemas on it may be there before any migration.
 */
export async function onOwnPath(of: Target, shadow: Shadow, folder: Folder): Promise<OwnShadow> {
  const { target } = shadow;
  if (of.dialect === "sqlite" || target.dialect === "sqlite") return { shadow, schemas: [] };
  const own = await ownPathOf(of);
  const there = await ownPathOf(target);
  const missing = own.schemas.filter((name) => !there.schemas.includes(name) && !isMadeBy(folder, name));
  await visitingClient(target.url, target.shown, async (client) => {
    for (const name of missing) {
      const [row] = await clientRows(client, schemaCreateOwnSchema, { name });
      await client.query(row?.statement ?? "");
    }
  });
  const url = own.path === there.path ? target.url : along(target.url, own.path);
  return { shadow: { ...shadow, target: { ...target, url } }, schemas: missing };
}

/** Where a name that stands without a schema is looked for, the first place first. */
export async function ownSchemasOf(target: Target): Promise<string[]> {
  return target.dialect === "sqlite" ? [] : [...(await ownPathOf(target)).schemas, "cowrie"];
}

async function ownPathOf({ url, shown }: { url: string; shown: string }): Promise<OwnPath> {
  const [row] = await visitingClient(url, shown, async (client) => clientRows(client, schemaOwnPath, {}));
  const { path = "", schemas = "" } = row ?? {};
  return { path, schemas: schemas.split("\n").filter((name) => name !== "") };
}

/** Whether a file makes a schema of this name itself. */
function isMadeBy({ migrations }: Folder, name: string): boolean {
  const plain = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const makes = new RegExp(String.raw`create\s+schema\s+(?:if\s+not\s+exists\s+)?"?${plain}"?(?![\w$])`, "i");
  return migrations.some(({ up }) => makes.test(up.text));
}

/** The URL of a connection that begins with this path. */
function along(url: string, path: string): string {
  const found = new URL(url);
  const before = found.searchParams.get("options");
  const option = `-c search_path=${path.replaceAll(/[\\\s]/g, String.raw`\$&`)}`;
  found.searchParams.set("options", before === null ? option : `${before} ${option}`);
  // Not every driver reads a plus sign as a blank.
  found.search = found.search.replaceAll("+", "%20");
  return found.href;
}
