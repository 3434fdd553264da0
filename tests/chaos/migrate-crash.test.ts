import t from "tap";
import { crashTests } from "../helpers/crash-points.ts";

// Beside the kill, which has a file of its own since it takes as long as these together.
await crashTests(t, ["the connection breaks", "the server ends it", "the disk is full"]);
