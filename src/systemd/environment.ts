/**
 * What a service manager tells a program that it starts, in the environment
 * (`sd_notify(3)`, `sd_listen_fds(3)`, `sd_watchdog_enabled(3)`).
 *
 * @module
 */

import { libcPath } from "../../ffi/libc.ts";
import type { Need } from "../permission.ts";

/** The variables, in the order in which they are asked for. */
const VARIABLES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "FDSTORE",
] as const;
/** `SD_LISTEN_FDS_START` (systemd/sd-daemon.h): the first descriptor that is handed on. */
const LISTEN_FDS_START = 3;
/** How many descriptors are believed to be handed on at the most. */
const LISTEN_FDS_MAX = 1024;

/** A descriptor that the manager handed on. */
export interface NamedDescriptor {
  /** What it is called, as in `nflog-1`. */
  name: string;
  /** The descriptor. */
  descriptor: number;
}

/** What the manager told. */
export interface ServiceEnvironment {
  /** Where it wants to be told what happens: a path, or `@` and a name. */
  notifySocket: string | undefined;
  /** Within what time it wants to hear of this process again and again, in milliseconds. */
  watchdogMs: number | undefined;
  /** What is open already. */
  descriptors: readonly NamedDescriptor[];
  /** How many descriptors it keeps for the next start; 0 where it keeps none. */
  storeSize: number;
}

/**
 * The rights that it takes to hear and to answer the manager: to the variables that
 * are set, as far as may be seen, and to the C library.
 */
export function serviceNeeds(): Need[] {
  const set = VARIABLES.filter((name) => variable(name) !== undefined);
  if (set.length === 0) return [];
  const why = "what the service manager tells";
  return [
    ...set.map((value) => ({ name: "env" as const, value, why })),
    { name: "ffi", value: libcPath(), why: "telling the service manager what happens" },
  ];
}

/**
 * Hears what the manager told, once: the variables are for this process alone, and
 * are removed for those that it starts.
 */
export function takeServiceEnvironment(): ServiceEnvironment {
  const told = serviceEnvironment(variable, Deno.pid);
  for (const name of VARIABLES) {
    if (isGranted(name)) Deno.env.delete(name);
  }
  return told;
}

/**
 * Reads what the manager told.
 *
 * @param read Gives a variable's value.
 * @param pid This process.
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

/** A right that is missing is as a variable that is not set: nfscribe runs without a manager, too. */
function variable(name: string): string | undefined {
  return isGranted(name) ? Deno.env.get(name) : undefined;
}

function isGranted(name: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
