/** Takes the socket that a service manager listens on for this process (`sd_listen_fds(3)`). */

import { type Need, variable } from "../permission.ts";
import { serviceEnvironment } from "./environment.ts";

/** Variables that tell of it. */
const VARIABLES = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] as const;

/** Returns the rights to read these variables, as far as they are set. */
export function listenNeeds(): Need[] {
  const set = VARIABLES.filter((name) => variable(name) !== undefined);
  return set.map((value) => ({ name: "env", value, why: "the service manager's socket" }));
}

/**
 * Returns the descriptor of the socket; undefined without one.
 *
 * @throws {Error} If there are several.
 */
export function passedSocket(): number | undefined {
  const { descriptors } = serviceEnvironment(variable, Deno.pid);
  if (descriptors.length > 1) {
    throw new Error(
      `Cannot listen on ${descriptors.length} sockets of the service manager: leave one ListenStream=`,
    );
  }
  return descriptors[0]?.descriptor;
}
