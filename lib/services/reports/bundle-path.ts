import { join } from "node:path";

/** Where a report's bundle lies: in the home folder, which machines that share a database share as well. */
export function bundlePath(home: string, reportId: string): string {
  return join(home, "reports", `${reportId}.zip`);
}
