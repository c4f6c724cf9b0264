/** The reason why the kernel refuses requests to netfilter. */

import { readProcFile } from "../../ffi/proc_file.ts";
import { hasNetAdmin } from "./nflog/bind_error.ts";

/** Returns which right is missing after EPERM, and what to do. */
export function missingRight(): string {
  const status = readProcFile("/proc/self/status");
  return status !== undefined && hasNetAdmin(status)
    ? "CAP_NET_ADMIN is needed in the user namespace that owns this network namespace; " +
      "run nfscribe there, or make a network namespace of your own with `nfscribe try COMMAND`"
    : "CAP_NET_ADMIN is missing; run as root (or with that capability), " +
      "or try things out in a network namespace of your own with `nfscribe try COMMAND`";
}
