import t from "tap";
import { crashTests } from "../helpers/crash-points.ts";

await crashTests(t, ["the runner is killed"]);
