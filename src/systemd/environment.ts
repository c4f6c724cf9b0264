/**
 * Reads the service manager's environment variables (`sd_notify(3)`, `sd_listen_fds(3)`,
 * `sd_watchdog_enabled(3)`).
 */

import { libcPath } from "../../ffi/libc.ts";
import { isGranted, type Need, variable } from "../permission.ts";

/** Names of the variables, in the order of reading. */
export const VARIABLES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "FDSTORE",
] as const;
/** `SD_LISTEN_FDS_START` (systemd/sd-daemon.h): first passed descriptor. */
const LISTEN_FDS_START = 3;
/** Limit of passed descriptors. */
const LISTEN_FDS_MAX = 1024;

/** Descriptor passed by the manager. */
export interface NamedDescriptor {
  /** Name, as in `nflog-1`. */
  name: string;
  descriptor: number;
}

/** Contents of the variables. */
export interface ServiceEnvironment {
  /** Address of the notification socket: a path, or `@` and a name. */
  notifySocket: string | undefined;
  /** Watchdog timeout, in milliseconds. */
  watchdogMs: number | undefined;
  /** Passed descriptors. */
  descriptors: readonly NamedDescriptor[];
  /** Size of the descriptor store; 0 for none. */
  storeSize: number;
}

/**
 * Returns the rights to read the variables that are set, if that may be checked, and to use the C
 * library for notifications.
 */
export function serviceNeeds(): Need[] {
  const set = VARIABLES.filter((name) => variable(name) !== undefined);
  if (set.length === 0) return [];
  const why = "the service manager's variables";
  return [
    ...set.map((value) => ({ name: "env" as const, value, why })),
    { name: "ffi", value: libcPath(), why: "notifying the service manager" },
  ];
}

/** Reads and removes the variables: they are for this process only, not for its children. */
export function takeServiceEnvironment(): ServiceEnvironment {
  const environment = serviceEnvironment(variable, Deno.pid);
  for (const name of VARIABLES) {
    if (isGranted({ name: "env", value: name })) Deno.env.delete(name);
  }
  return environment;
}

/**
 * Parses the variables.
 *
 * @param read Returns a variable's value.
 */
export function serviceEnvironment(
  read: (name: (typeof VARIABLES)[number]) => string | undefined,
  pid: number,
): ServiceEnvironment {
  const number = (name: (typeof VARIABLES)[number]) => wholeNumber(read(name));
  const notifySocket = read("NOTIFY_SOCKET");
  const watchdogUs = number("WATCHDOG_USEC");
  const watchdogPid = number("WATCHDOG_PID") ?? pid;
  return {
    notifySocket: notifySocket !== undefined && /^[/@]./.test(notifySocket)
      ? notifySocket
      : undefined,
    watchdogMs: watchdogUs && watchdogPid === pid ? watchdogUs / 1000 : undefined,
    descriptors: number("LISTEN_PID") === pid
      ? namedDescriptors(number("LISTEN_FDS") ?? 0, read("LISTEN_FDNAMES") ?? "")
      : [],
    storeSize: number("FDSTORE") ?? 0,
  };
}

function namedDescriptors(count: number, names: string): NamedDescriptor[] {
  const list = names.split(":");
  return Array.from({ length: Math.min(count, LISTEN_FDS_MAX) }, (_, index) => ({
    name: list[index] ?? "",
    descriptor: LISTEN_FDS_START + index,
  }));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
