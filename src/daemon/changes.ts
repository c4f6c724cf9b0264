/** Compares a new configuration with the running one. Pure. */

import type { Config, Part } from "../config/config.ts";
import { identityOf, isSameSource } from "../handover/state.ts";

/** Difference between two configurations. */
export interface Changes {
  /** Sources that keep running. */
  keptSources: ReadonlySet<string>;
  /**
   * Sources that keep their socket and change options or name: the new name, and the present one.
   */
  adjustedSources: ReadonlyMap<string, string>;
  /** Outputs that keep running. */
  keptOutputs: ReadonlySet<string>;
  /** Whether sandboxes must be replaced. */
  filter: boolean;
  /** Keys that take effect only with the next start. */
  later: string[];
}

/** Keys that are read at the start only. */
const START_ONLY = ["user", "group", "log", "stats"] as const;

/**
 * Compares two configurations.
 *
 * @param old Present configuration.
 * @param next New configuration.
 * @param adjusts Whether options of an open source of a type can be changed.
 *
 * @example One more output
 * ```ts
 * import { changesOf } from "./changes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pcap = { name: "pcap", type: "pcap", options: { path: "a.pcap" } };
 * const log = { file: "-", level: "info", format: "text" } as const;
 * const old = {
 *   ...{ sources: [], filter: undefined, outputs: [pcap], actions: {} },
 *   ...{ log, stats: {}, stopTimeoutMs: 1 },
 * };
 * const text = { name: "text", type: "logemu", options: { path: "a.log" } };
 * const changes = changesOf(old, { ...old, outputs: [pcap, text] });
 * assertEquals([...changes.keptOutputs], ["pcap"]);
 * ```
 */
export function changesOf(
  old: Config,
  next: Config,
  adjusts: (type: string) => boolean = () => false,
): Changes {
  const keptSources = kept(old.sources, next.sources);
  return {
    keptSources,
    adjustedSources: new Map(
      next.sources.filter(({ name, type }) => !keptSources.has(name) && adjusts(type))
        .flatMap((part) => {
          const same = old.sources.find((other) => isSameSocket(part, other));
          return same === undefined ? [] : [[part.name, same.name]];
        }),
    ),
    keptOutputs: kept(old.outputs, next.outputs),
    filter: !isSame(worked(old), worked(next)),
    later: START_ONLY.filter((key) => !isSame(old[key], next[key])),
  };
}

/** Returns what sandboxes work with. */
function worked({ filter, sources, outputs, actions }: Config) {
  return [filter, sources, outputs, actions];
}

/** Returns the names of parts that are the same in both configurations, apart from their routes. */
function kept(old: readonly Part[], next: readonly Part[]): Set<string> {
  const plain = ({ name, type, options }: Part) => ({ name, type, options });
  return new Set(
    next.filter((part) => old.some((other) => isSame(plain(part), plain(other))))
      .map(({ name }) => name),
  );
}

/** Returns whether two sources use the same socket: one of the same group. */
function isSameSocket(a: Part, b: Part): boolean {
  const [one, other] = [identityOf(a), identityOf(b)];
  return one !== undefined && other !== undefined && isSameSource(one, other);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
