import type { Database } from "../db/database.ts";
import { inventorySeenAddresses } from "../sql/generated.ts";
import { many } from "../sql/run.ts";
import { addressNumber, type AddressNumber } from "./network.ts";
import { seenOf, type SeenAddresses } from "./ranges.ts";

/** The addresses of the store, read when they are first asked for. */
export type Seen = () => Promise<SeenAddresses>;

const pageRows = 10_000;

/** The addresses that were seen in a store; what is no address is passed over. */
export function seenAddresses(database: Database): Seen {
  let known: Promise<SeenAddresses> | undefined;
  return async () => (known ??= read(database));
}

async function read(database: Database): Promise<SeenAddresses> {
  const addresses: AddressNumber[] = [];
  let after = "";
  for (;;) {
    const page = await many(database, inventorySeenAddresses, { after, row_limit: pageRows });
    for (const { source_ip } of page) {
      const address = addressNumber(source_ip ?? "");
      // Another spelling of an address is another text to the store: facts go to the canonical one.
      if (address?.canonical === source_ip) addresses.push(address);
    }
    const last = page.at(-1)?.source_ip ?? undefined;
    if (page.length < pageRows || last === undefined) return seenOf(addresses);
    after = last;
  }
}
