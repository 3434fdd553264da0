import { hostname, userInfo } from "node:os";

/** The operating system's user and host. */
export function actorName(): string {
  let name = "unknown";
  try {
    name = userInfo().username;
  } catch {
    // A container may run as a number without a name.
    name = `uid ${process.getuid?.() ?? "unknown"}`;
  }
  return `${name}@${hostname()}`;
}

/** Who this process is, to other workers. */
export function workerName(): string {
  return `${hostname()}:${process.pid}`;
}
