import { counted, grouped, readableBytes } from "../term.ts";
import { meterOf, type JobStatus, type Measures } from "./job-status.ts";

/** Where a long command says how far it is. */
export interface Progress {
  show(done: number, total: number, events: number, elapsedMs: number): void;
  end(): void;
}

const redrawMs = 200;
const plainMs = 30_000;

/** Where a job says how far it is. */
export interface JobProgress {
  show(status: JobStatus): void;
  end(): void;
}

/** A line on standard error: redrawn on a terminal, written every 30 s elsewhere; nothing when `quiet`. */
export function progressLine(
  label: string,
  quiet: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const { draw, end } = lineOn(stream, quiet);
  return {
    show: (done, total, events, elapsedMs) => {
      draw(() => `${label} ${lineOf(done, total, events, elapsedMs)}`);
    },
    end,
  };
}

/** The same line for a job that began with `first`: its phase, share, rate and time left. */
export function jobProgress(
  label: string,
  quiet: boolean,
  first: JobStatus,
  stream: NodeJS.WriteStream = process.stderr,
): JobProgress {
  const { draw, end } = lineOn(stream, quiet);
  const meter = meterOf(first);
  return {
    show: (status) => {
      const measures = meter.measure(status);
      draw(() => `${label} ${jobLine(status, measures)}`);
    },
    end,
  };
}

function lineOn(stream: NodeJS.WriteStream, quiet: boolean): { draw(text: () => string): void; end(): void } {
  const isTerminal = stream.isTTY;
  let last = isTerminal ? Number.NEGATIVE_INFINITY : performance.now();
  let drawn = false;
  return {
    draw: (text) => {
      const now = performance.now();
      if (quiet || now - last < (isTerminal ? redrawMs : plainMs)) return;
      last = now;
      stream.write(isTerminal ? `\r\u001b[2K${text()}` : `${text()}\n`);
      drawn = isTerminal;
    },
    end: () => {
      if (drawn) stream.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

/** How a job stands, in one line. */
export function jobLine(status: JobStatus, { percent, ratePerSec, etaS }: Measures): string {
  const { phase, current, total, unit = "row", failedBatches = 0 } = status;
  const amount = (number: number): string => (unit === "byte" ? readableBytes(number) : grouped(number));
  const of = total === null ? "" : ` of ${amount(total)}`;
  return [
    phase,
    percent === null ? "" : `${barOf(percent / 100)} ${String(Math.floor(percent)).padStart(3)}%`,
    `${amount(current)}${of}${unit === "byte" ? "" : ` ${unit}s`}`,
    ratePerSec === null ? "" : `${amount(Math.round(ratePerSec))}/s`,
    failedBatches === 0 ? "" : counted(failedBatches, "failed batch", "failed batches"),
    etaS === null ? "" : `${readableSeconds(etaS)} left`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function barOf(share: number): string {
  const filled = Math.round(share * 20);
  return `${"█".repeat(filled)}${"░".repeat(20 - filled)}`;
}

function lineOf(done: number, total: number, events: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? Math.round((events * 1000) / elapsedMs) : 0;
  if (total <= 0) return `${counted(events, "event")}, ${grouped(rate)}/s`;
  const share = Math.min(1, done / total);
  const left = share > 0.001 ? ((elapsedMs / share) * (1 - share)) / 1000 : Number.NaN;
  return [
    `${barOf(share)} ${String(Math.floor(share * 100)).padStart(3)}%`,
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
