import { counted, grouped, readableBytes } from "../term.ts";

/** Where a long command says how far it is. */
export interface Progress {
  show(done: number, total: number, events: number, elapsedMs: number): void;
  end(): void;
}

const redrawMs = 200;
const plainMs = 30_000;

/** A line on standard error: redrawn on a terminal, written every 30 s elsewhere; nothing when `quiet`. */
export function progressLine(
  label: string,
  quiet: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const isTerminal = stream.isTTY;
  let last = isTerminal ? Number.NEGATIVE_INFINITY : performance.now();
  let drawn = false;
  return {
    show: (done, total, events, elapsedMs) => {
      const now = performance.now();
      if (quiet || now - last < (isTerminal ? redrawMs : plainMs)) return;
      last = now;
      const text = `${label} ${lineOf(done, total, events, elapsedMs)}`;
      stream.write(isTerminal ? `\r\u001b[2K${text}` : `${text}\n`);
      drawn = isTerminal;
    },
    end: () => {
      if (drawn) stream.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

function lineOf(done: number, total: number, events: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? Math.round((events * 1000) / elapsedMs) : 0;
  if (total <= 0) return `${counted(events, "event")}, ${grouped(rate)}/s`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * 20);
  const left = share > 0.001 ? ((elapsedMs / share) * (1 - share)) / 1000 : Number.NaN;
  return [
    `${"█".repeat(filled)}${"░".repeat(20 - filled)} ${String(Math.floor(share * 100)).padStart(3)}%`,
    `${readableBytes(done)} of ${readableBytes(total)}`,
    counted(events, "event"),
    `${grouped(rate)}/s`,
    Number.isNaN(left) ? "" : `${readableSeconds(left)} left`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

/** 75 as `1 min 15 s`. */
export function readableSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}
