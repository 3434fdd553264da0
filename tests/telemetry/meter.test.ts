import fc from "fast-check";
import t from "tap";
import { meterOf, type JobStatus } from "../../src/telemetry/job-status.ts";
import { jobLine, jobProgress } from "../../src/telemetry/progress.ts";
import { scaled } from "../helpers/cli.ts";

const first: JobStatus = { state: "running", phase: "copy", current: 0, total: 10_000 };

void t.test("whatever a run says, the share is 0 to 100 and no number is negative or none", (t) => {
  const step = fc.record({
    current: fc.nat({ max: 1_000_000 }),
    total: fc.option(fc.nat({ max: 1_000_000 })),
    phase: fc.constantFrom("copy", "prove"),
    state: fc.constantFrom("running", "done"),
    ms: fc.nat({ max: 200_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let now = 0;
      const meter = meterOf(first, () => now);
      for (const { ms, ...status } of steps) {
        now += ms;
        const { elapsedS, percent, ratePerSec, etaS } = meter.measure(status);
        for (const number of [elapsedS, percent, ratePerSec, etaS])
          if (number !== null && !(Number.isFinite(number) && number >= 0)) return false;
        if ((percent === null) !== (status.total === null)) return false;
        if (
          percent !== null &&
          (percent > 100 || (percent === 100) !== status.current >= (status.total ?? 0))
        )
          return false;
        if (etaS !== null && (status.total === null || status.state !== "running")) return false;
      }
      return true;
    }),
    { numRuns: scaled(5_000) },
  );
  t.end();
});

void t.test("a steady run has its true rate and time left, whatever it had done when it was resumed", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.nat({ max: 1_000_000 }),
      fc.array(fc.integer({ min: 100, max: 30_000 }), { minLength: 1, maxLength: 20 }),
      (perMs, before, pauses) => {
        let now = 0;
        let current = before;
        const total = before + 1_000_000_000_000;
        const meter = meterOf({ ...first, current, total }, () => now);
        return pauses.every((ms) => {
          now += ms;
          current += ms * perMs;
          const { ratePerSec, etaS } = meter.measure({ ...first, current, total });
          const left = (total - current) / (perMs * 1_000);
          return near(ratePerSec, perMs * 1_000) && near(etaS, left);
        });
      },
    ),
    { numRuns: scaled(2_000) },
  );
  t.end();
});

void t.test("a run that gets slower is soon believed, one that stands still gets ever slower", (t) => {
  let now = 0;
  let current = 0;
  const meter = meterOf({ ...first, total: null }, () => now);
  const go = (rows: number, ms: number): number => {
    now += ms;
    current += rows;
    return meter.measure({ ...first, current, total: null }).ratePerSec ?? -1;
  };

  for (let second = 0; second < 60; second++) go(1_000, 1_000);
  const slower = Array.from({ length: 10 }, () => go(100, 1_000));
  const still = [go(0, 10_000), go(0, 10_000), go(0, 10_000)];

  t.ok((slower.at(-1) ?? 0) < 160, `after ten seconds ${slower.at(-1)}`);
  t.same(
    [...still].sort((one, other) => other - one),
    still,
  );
  t.ok((still[2] ?? 0) < 20);
  t.end();
});

void t.test(
  "the line has phase, share, amount, rate and time left, and leaves out what nobody knows",
  (t) => {
    const measures = { elapsedS: 4, percent: 42.99, ratePerSec: 3_000.4, etaS: 75 };
    const unknown = { elapsedS: 4, percent: null, ratePerSec: null, etaS: null };
    const status = { ...first, current: 4_299, failedBatches: 1 };

    t.equal(
      jobLine(status, measures),
      "copy  █████████░░░░░░░░░░░  42%  4,299 of 10,000 rows  3,000/s  1 failed batch  1 min 15 s left",
    );
    t.equal(jobLine({ ...first, total: null, unit: "event" }, unknown), "copy  0 events");
    t.equal(
      jobLine(
        { ...first, current: 1_024, total: 2_048, unit: "byte" },
        { ...unknown, percent: 50, ratePerSec: 512 },
      ),
      "copy  ██████████░░░░░░░░░░  50%  1.0 KiB of 2.0 KiB  512 B/s",
    );
    t.end();
  },
);

void t.test(
  "a terminal has one line that is drawn anew and taken away; a file none in the first half minute",
  (t) => {
    const drawn = (isTerminal: boolean, quiet = false): string => {
      let text = "";
      const stream = { isTTY: isTerminal, write: (more: string) => void (text += more) };
      const progress = jobProgress("Rebuilding", quiet, first, stream as unknown as NodeJS.WriteStream);
      progress.show({ ...first, current: 5_000 });
      progress.end();
      return text;
    };

    t.match(drawn(true), /^\r\u001b\[2KRebuilding copy .* 50% [^\n]*\r\u001b\[2K$/);
    t.equal(drawn(false), "");
    t.equal(drawn(true, true), "");
    t.end();
  },
);

function near(number: number | null, wanted: number): boolean {
  return number !== null && Math.abs(number - wanted) <= wanted * 1e-6;
}
