/**
 * What a configuration's sandboxes are made with.
 *
 * @module
 */

import type { Config, Part } from "../config/config.ts";
import type { FilterOptions } from "../filter/options.ts";
import { writers } from "../output/writers.ts";
import type { SandboxSource, TraceRow } from "../sandbox/messages.ts";
import { brokerPaths, pathsToRevoke } from "./broker.ts";
import type { Log } from "./log.ts";
import type { Pipeline } from "./pipeline.ts";
import type { TeamPlan } from "./team.ts";

/** Slots of a sandbox that works alone, and of each where several do. */
const SLOTS_ALONE = 8;
const SLOTS_EACH = 4;

/** What is done where there is no filter: packets go where their source says. */
const NO_FILTER: Omit<FilterOptions, "script"> = {
  workers: 1,
  timeoutMs: 10_000,
  onError: "pass",
  memoryMb: 128,
  permissions: {},
};

/** Whom sandboxes work for. */
export interface Employer {
  /** The pipeline. */
  pipeline: Pipeline;
  /** nfscribe's own messages. */
  log: Log;
  /** Told what the filter decided about each packet, in order. */
  onTrace?: ((rows: TraceRow[]) => void) | undefined;
}

/** The plan of a configuration's sandboxes; its outputs have complete options. */
export function teamPlan(config: Config, { pipeline, log, onTrace }: Employer): TeamPlan {
  const { outputs } = config;
  const filter = config.filter ?? NO_FILTER;
  const script = config.filter?.script;
  return {
    scriptPath: script,
    permissions: filter.permissions,
    onTrace,
    log,
    events: pipeline.events,
    slots: filter.workers === 1 ? SLOTS_ALONE : SLOTS_EACH,
    memoryMb: filter.memoryMb,
    timeoutMs: filter.timeoutMs,
    wake: () => pipeline.wake(),
    retire: (sandboxes) => pipeline.stop(sandboxes),
    setup: {
      sources: config.sources.map((part) => sandboxSource(part, outputs)),
      outputs: outputs.map(disclosed),
      script: script === undefined ? undefined : scriptAddress(script),
      onError: filter.onError,
      workers: filter.workers,
      trace: onTrace !== undefined,
      revoke: pathsToRevoke(brokerPaths(script), filter.permissions),
    },
  };
}

/** What the sandbox is told of an output: no password, no address. */
function disclosed(part: Part): Part {
  const disclose = writers[part.type]!.disclose;
  return disclose === undefined ? part : { ...part, options: disclose(part.options as never) };
}

function sandboxSource(part: Part, outputs: readonly Part[]): SandboxSource {
  const { name, type, options } = part;
  const named = part.outputs ?? outputs.map((output) => output.name);
  const mask = outputs.reduce(
    (bits, output, index) => named.includes(output.name) ? bits | 1 << index : bits,
    0,
  );
  return { name, type, options, mask };
}

/** A script's absolute path as the address of a module. */
function scriptAddress(script: string): string {
  return new URL(
    `file://${script.replaceAll("%", "%25").replaceAll("#", "%23").replaceAll("?", "%3f")}`,
  ).href;
}
