import { exitCodes, usageError, type ExitCode } from "../errors.ts";
import { failuresOf, openJob, type Job, type JobFailure, type Scope } from "../jobs/jobs.ts";
import { runJob } from "../jobs/loop.ts";
import { predict, type Prediction, type RebuildKind } from "../jobs/predict.ts";
import { validate, type Validation } from "../jobs/validate.ts";
import { actorName } from "../config.ts";
import { counted, green, grouped, red, table, visible, yellow } from "../term.ts";
import { jobProgress } from "../telemetry/progress.ts";
import type { JobStatus } from "../telemetry/job-status.ts";
import { instant, optional, wholeNumber } from "./options.ts";
import { answer, say, type CommonOptions } from "./output.ts";
import { reported, type ReportOptions } from "./reported.ts";
import { stopOnSignals, type StopRequest } from "./signals.ts";
import { withStore } from "./store.ts";

/** Options of `cowriedb rebuild`. */
export interface RebuildOptions extends CommonOptions, ReportOptions {
  from: string;
  to: string;
  session: string;
  "dry-run": boolean;
  "validate-only": boolean;
  "sample-events": string;
  "batch-size": string;
}
