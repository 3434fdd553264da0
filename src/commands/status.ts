import { schemaStatus } from "../migrate/migrate.ts";
import { dataQuality, storeStatus, type QualityLine } from "../report/status.ts";
import { bold, counted, readableBytes, table, visible } from "../term.ts";
import { answer, type CommonOptions } from "./output.ts";
import { withStore } from "./store.ts";

/** `cowriedb status`: what the store holds, its last batch, its rejects and its schema; with `--quality` what is wrong with it. */
export async function status(options: CommonOptions & { quality: boolean }): Promise<void> {
  await withStore(options, async (database) => {
    const found = await storeStatus(database);
    const { schema_version } = await schemaStatus(database);
    const quality = options.quality ? await dataQuality(database) : null;
    answer(options, { ...found, schema_version, quality }, () => {
      const lines = [
        `${bold(found.store)}  ${found.dialect}, ${readableBytes(found.bytes)}, schema ${schema_version ?? ""}`,
        table([
          ["events", found.events],
          ["sessions", found.sessions],
          ["events of no session", found.unattributed],
          ["duplicates seen", found.duplicates],
          ["rejected", found.rejected],
          ["skipped", found.skipped],
          ["batches", found.batches],
          ["source files", found.sources],
        ]),
      ];
      if (found.last_batch !== null) {
        const { batch_id, sealed_at, events_accepted, last_event_at, source } = found.last_batch;
        lines.push(
          `last batch ${batch_id}: ${counted(events_accepted, "event")} of ${source}, up to ${last_event_at ?? "none"}, sealed at ${sealed_at}`,
        );
      }
      for (const { source, since } of found.tripped) {
        lines.push(
          `${source} is left alone since ${since}: too many of its recent records were refused; delta tries a piece again`,
        );
      }
      if (found.rejects.length > 0) {
        lines.push(
          "",
          table(
            found.rejects.map(({ reason, letters, meaning }) => [reason, letters, meaning]),
            ["reject", "count", "meaning"],
          ),
        );
      }
      if (found.unknown_types.length > 0) {
        lines.push(
          "",
          table(
            found.unknown_types.map(({ event_type, events }) => [visible(event_type), events]),
            ["unknown event id", "events"],
          ),
        );
      }
      if (quality !== null) lines.push("", qualityText(quality));
      return lines.join("\n");
    });
  });
}

function qualityText(quality: readonly QualityLine[]): string {
  return table(
    quality.map(({ measure, findings, is_alert, meaning }) => [
      measure,
      findings,
      is_alert ? "ALERT" : "",
      meaning,
    ]),
    ["view", "findings", "", "meaning"],
  );
}
