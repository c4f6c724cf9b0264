/**
 * Rights of a running process for a new configuration: it has those that it was started with and
 * did not give up, and Deno grants it no more.
 */

import type { Config } from "../config/config.ts";
import { isGranted, type Need } from "../permission.ts";
import { changesOf } from "./changes.ts";
import { flagsOf, needsOf, PERMISSION, permissionNeeds } from "./permissions.ts";

/** Advice for a configuration that a reload cannot apply. */
const RESTART =
  "no right can be given to a running process: restart nfscribe, as with systemctl restart nfscribe";

/**
 * Requires the rights that a new configuration needs beyond the running one.
 *
 * @param running The running configuration, as it was read.
 * @param next The new one.
 * @param isLowered Whether the rights that sources need were dropped with the user.
 * @throws {Error} If some are missing; the message fits after a colon.
 */
export function requireReloadRights(running: Config, next: Config, isLowered: boolean): void {
  const { keptSources, keptOutputs } = changesOf(running, next);
  const sources = next.sources.filter(({ name }) => !keptSources.has(name));
  const outputs = next.outputs.filter(({ name }) => !keptOutputs.has(name));
  if (isLowered && sources.length > 0) {
    throw new Error(
      `source ${sources[0]!.name} is new or changed, and only the user who starts nfscribe may ` +
        `open it; ${RESTART}`,
    );
  }
  const reasons = new Map<string, string[]>();
  for (const need of reloadNeeds(running, { ...next, sources, outputs })) {
    if (isGranted(need)) continue;
    const [flag = ""] = flagsOf([need]);
    reasons.set(flag, [...reasons.get(flag) ?? [], need.why]);
  }
  if (reasons.size === 0) return;
  const rights = [...reasons].map(([flag, why]) => `${flag} (${why.join(", ")})`).join(", ");
  throw new Deno.errors.NotCapable(`it needs ${rights}; ${RESTART}`);
}

/** Returns whether an open output could be opened again: the rights for that may have been dropped. */
export function canReopen(running: Config, name: string): boolean {
  const outputs = running.outputs.filter((part) => part.name === name);
  return reloadNeeds(running, { ...running, sources: [], outputs }).every(isGranted);
}

/**
 * Returns the rights that a new configuration needs from a running process.
 *
 * @param running The running configuration.
 * @param next The new one, with only the sources and outputs that are to be opened.
 */
function reloadNeeds(running: Config, next: Config): Need[] {
  // Sandboxes get what a filter is granted by flags of their own: this process need not keep it.
  const granted = permissionNeeds(running).map(({ name, value }) => `${name} ${value}`);
  const isHeld = ({ name, value, why }: Need) =>
    why === PERMISSION && granted.includes(`${name} ${value}`);
  // Log and counters change with the next start; the C library stays open.
  const { log, user: _user, ...others } = next;
  const needs = needsOf({ ...others, log: { ...log, file: "-" }, stats: {} }, undefined);
  return needs.filter((need) => need.name !== "ffi" && need.isOptional !== true && !isHeld(need));
}
