/** Builds the plan of a configuration's sandboxes. */

import type { Config, Part } from "../config/config.ts";
import { credentialsOf } from "../privileges/user.ts";
import { toFileUrl } from "../text/file_url.ts";
import type { FilterOptions } from "../filter/options.ts";
import { outputs as outputTypes } from "../output/outputs.ts";
import type { PoolPlan } from "./pool/pool.ts";
import { SandboxLog } from "./pool/sandbox_log.ts";
import { sandboxUser } from "./pool/sandbox_user.ts";
import { SandboxWatch } from "./pool/watch.ts";
import { parseExpression } from "../filter/expression/parser.ts";
import type { SandboxOutput, SandboxSource } from "../sandbox/setup.ts";
import { kindOf } from "../source/define.ts";
import { sources as sourceTypes } from "../source/sources.ts";
import type { Log } from "../log/log.ts";
import type { Pipeline } from "./pipeline/pipeline.ts";

/** Slots of a single sandbox, and of each of several. */
const SLOTS_ALONE = 8;
const SLOTS_EACH = 4;

/** Options without a filter: packets go to the outputs of their source. */
const NO_FILTER: FilterOptions = {
  workers: 1,
  timeoutMs: 10_000,
  onError: "pass",
  memoryMb: 128,
  unsealed: false,
  permissions: {},
};

/** Surroundings of the sandboxes. */
export interface PoolContext {
  pipeline: Pipeline;
  /** nfscribe's own messages. */
  log: Log;
  /** Whether decisions about packets are traced. */
  traces: boolean;
}

/** Returns the plan of a configuration's sandboxes; its outputs have complete options. */
export function poolPlan(config: Config, { pipeline, log, traces }: PoolContext): PoolPlan {
  const { outputs, actions } = config;
  const { script, where, workers, timeoutMs, onError, memoryMb, unsealed, permissions } =
    config.filter ?? NO_FILTER;
  const user = config.user === undefined ? undefined : credentialsOf(config, "user");
  return {
    script,
    timeoutMs,
    log,
    sandboxLog: new SandboxLog(log),
    watch: new SandboxWatch(() => pipeline.wake()),
    slots: workers === 1 ? SLOTS_ALONE : SLOTS_EACH,
    wake: () => pipeline.wake(),
    retire: (sandboxes) => pipeline.stop(sandboxes),
    seal: () => ({ user: sandboxUser(user), heap: memoryMb * 1024 * 1024, permissions, unsealed }),
    setup: {
      sources: config.sources.map((part) => sandboxSource(part, outputs)),
      outputs: outputs.map(disclosed),
      ...where !== undefined && { where: parseExpression(where) },
      actions,
      script: script === undefined ? undefined : toFileUrl(script),
      onError,
      timeoutMs,
      workers,
      trace: traces,
    },
  };
}

/**
 * Returns an output's options without those that a sandbox must not know, such as passwords and
 * addresses.
 */
function disclosed({ where, ...part }: Part): SandboxOutput {
  return {
    ...part,
    options: outputTypes[part.type]!.sandboxOptions(part.options),
    ...where !== undefined && { where: parseExpression(where) },
  };
}

function sandboxSource(part: Part, outputs: readonly Part[]): SandboxSource {
  const { name, type, options } = part;
  const known = sourceTypes[type]!;
  const kind = kindOf(known, options);
  const mask = outputs.reduce((bits, output, index) => {
    const isNamed = part.outputs?.includes(output.name) ?? true;
    return isNamed && outputTypes[output.type]!.kinds.includes(kind) ? bits | 1 << index : bits;
  }, 0);
  const { where } = options;
  return {
    name,
    type,
    options: known.sandboxOptions?.(options) ?? options,
    mask,
    ...typeof where === "string" && { where: parseExpression(where) },
  };
}
