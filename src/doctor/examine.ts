/** Looks at all that `nfscribe run` needs, in the order in which packets meet it. */

import type { Config } from "../config/config.ts";
import { denialsFor, type Runner, runnerOf } from "../daemon/runner.ts";
import { credentialsOf, mayActFor } from "../privileges/user.ts";
import { ConfigError, OutputError } from "../errors.ts";
import { escaped, inOneLine } from "../text/escape.ts";
import { absolute } from "../text/path.ts";
import type { Need } from "../permission.ts";
import { Log } from "../log/log.ts";
import { needsOf } from "../daemon/permissions.ts";
import { isGranted } from "../permission.ts";
import { kindsOf, RECORD_NAMES } from "../filter/expression/kinds.ts";
import { parseExpression } from "../filter/expression/parser.ts";
import { metricsNeed, MetricsServer } from "../daemon/telemetry/metrics_server.ts";
import { loadFilter } from "../daemon/run.ts";
import { unitNeeds } from "../systemd/unit.ts";
import { libcNeed } from "../source/libc_need.ts";
import { kindOf } from "../source/define.ts";
import { sources as sourceTypes } from "../source/sources.ts";
import { firewallNeeds } from "./firewall_reader.ts";
import { type Finding, fix, note, ok, skipped } from "../finding.ts";
import { mayAskKernel, platform, rights, withoutLibc } from "./machine.ts";
import { outputFinding, outputNeeds } from "./outputs.ts";
import { askRunning } from "./running.ts";
import { isGroup, type IsOwn, Sources } from "./sources.ts";
import { trialFinding } from "./trial.ts";

/** The subject of an examination, and how it is made. */
export interface Examination {
  /** A checked configuration. */
  config: Config;
  /** Its file; undefined for a configuration of options. */
  file: string | undefined;
  /** The command that starts nfscribe, and the options that name the configuration. */
  words: { nfscribe: string; named: string };
  /** Whether another process runs with this configuration. */
  isOwn: IsOwn;
  /** For how long packets are waited for, in seconds; absent for not at all. */
  trySeconds?: number;
  /** Whether types of a filter can be checked. */
  canTypeCheck: boolean;
  /** Checks them; throws a ConfigError where they are wrong. */
  typeCheck(script: string): Promise<void>;
}

/** Returns the permissions of an examination: those of `nfscribe run`, and those to look around. */
export function examinationNeeds(config: Config, file: string | undefined): Need[] {
  return [
    ...needsOf(config, file),
    libcNeed("netlink sockets, and files of /proc"),
    ...firewallNeeds(),
    { name: "run", value: "deno", why: "types of the filter" },
    { name: "env", value: "PATH", why: "which programs there are" },
    ...outputNeeds(config.outputs),
    ...unitNeeds(),
  ];
}

/**
 * Examines it. Changes nothing, but for groups that are bound while packets are
 * waited for. This process acts for the configured user from the outputs on.
 *
 * @returns What is found, as it is found.
 */
export async function* examine(examination: Examination): AsyncGenerator<Finding> {
  const { config, file, words } = examination;
  const rulesCommand = `${words.nfscribe} rules${words.named}`;
  yield platform();
  yield rights(config, file);
  const running = await askRunning(config.stats.socket);
  const names = Object.keys(running.counters?.sources ?? {});
  if (mayAskKernel()) {
    yield* kernels(config);
    yield* new Sources(config, rulesCommand, names, examination.isOwn).findings();
  } else {
    for (const check of ["kernel", "capability", "sources"]) yield withoutLibc(check);
  }
  yield running.finding;
  yield* metrics(config, running.counters !== undefined);
  yield* trials(examination, running.counters !== undefined);
  const files: string[] = [];
  yield await filterFinding(examination, files);
  yield* outputs(examination, files);
}

/** Examines the kernel for each type of source once. */
async function* kernels({ sources }: Config): AsyncGenerator<Finding> {
  for (const [type, [part]] of Map.groupBy(sources, ({ type }) => type)) {
    const { kernel } = await sourceTypes[type]!.examiner();
    if (kernel !== undefined) yield* kernel(part!.options);
  }
}

/** Tries the address of the metrics, where no running nfscribe may have it. */
function* metrics({ stats }: Config, isRunning: boolean): Generator<Finding> {
  const { metrics: address, socket } = stats;
  if (address === undefined || socket === undefined || isRunning) return;
  if (!isGranted(metricsNeed(address))) {
    yield skipped("metrics", `${address} takes rights that are missing`);
    return;
  }
  try {
    MetricsServer.open(address, { metrics: () => "", problems: () => [], refusal: () => undefined })
      [Symbol.dispose]();
    yield ok("metrics", `${address} can be listened on`);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    const [what, ...advice] = error.message.split("; ");
    yield fix("metrics", what!, advice.join("; ") || "choose another address");
  }
}

async function* trials(
  { config, trySeconds }: Examination,
  isRunning: boolean,
): AsyncGenerator<Finding> {
  if (trySeconds === undefined) return;
  const groups = config.sources.filter(isGroup);
  if (!mayAskKernel()) {
    for (const { name } of groups) yield withoutLibc(`packets ${name}`);
    return;
  }
  const { socket } = config.stats;
  const trial = {
    seconds: trySeconds,
    ...isRunning && socket !== undefined && { socket },
  };
  // All at once: the time is the same for all.
  yield* await Promise.all(groups.map((part) => trialFinding(part, trial)));
}

/** Tells what an expression does, and of which sources it chooses nothing. */
function whereFinding(where: string, { sources }: Config): Finding {
  const shown = escaped(inOneLine(where));
  const chosen: readonly string[] = kindsOf(parseExpression(where));
  const idle = sources.find(({ type, options }) => {
    const kind = kindOf(sourceTypes[type]!, options);
    return RECORD_NAMES.some((name) => name === kind) && !chosen.includes(kind);
  });
  if (idle === undefined) {
    return ok("filter", `records that it chooses go to every output of their source: ${shown}`);
  }
  const kind = kindOf(sourceTypes[idle.type]!, idle.options);
  return note(
    "filter",
    `chooses no ${kind}s, which source ${idle.name} makes: ${shown}`,
    `"or ${kind}" at its end chooses all of them; docs/expressions.md has words for ${kind}s`,
  );
}

/** Loads the filter; `files` takes the paths that it is made of. */
async function filterFinding(
  { config, canTypeCheck, typeCheck, words }: Examination,
  files: string[],
): Promise<Finding> {
  const script = config.filter?.script;
  const where = config.filter?.where;
  if (script === undefined) {
    return where === undefined
      ? ok("filter", "none: packets go to every output of their source")
      : whereFinding(where, config);
  }
  try {
    await typeCheck(script);
    files.push(...await loadFilter(config, new Log({ ...config.log, level: "error" }, () => {})));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      return skipped("filter", "it takes rights that are missing");
    }
    if (!(error instanceof ConfigError)) throw error;
    const what = error.problems.map(({ message }) => message.split("\n")[0]).join("; ");
    return fix("filter", `${script}: ${what}`, "this tells all of it", [
      `${words.nfscribe} check${words.named}`,
    ]);
  }
  return canTypeCheck ? ok("filter", `${script}: types are right, it loads`) : note(
    "filter",
    `${script} loads; its types were not checked`,
    "this checks them",
    [`${words.nfscribe} check${words.named}`],
  );
}

/** Acts for the user that nfscribe will act for, from here on. */
async function* outputs(
  { config, file, words }: Examination,
  files: readonly string[],
): AsyncGenerator<Finding> {
  if (!mayAskKernel()) {
    for (const { name } of config.outputs) yield withoutLibc(`output ${name}`);
    return;
  }
  const denied = new Set<string>();
  let runner: Runner | undefined;
  try {
    runner = runnerOf(config, file === undefined ? undefined : { file, path: absolute(file) });
    if (runner !== undefined) {
      const { credentials, service } = runner;
      const { name } = credentials;
      // Looking up the configuration's own user once more throws what is wrong with it.
      if (config.user !== undefined) credentialsOf(config, file ?? "options");
      else if (service !== undefined && !mayActFor(credentials.uid)) {
        yield skipped("user", `${service.unit} runs as ${name}; root sees what that user may use`);
        return;
      }
      const judged = service === undefined ? { ...config, outputs: [] } : config;
      const denials = denialsFor(runner, judged, needsOf(config, file), files);
      yield ok("user", `nfscribe becomes ${name}${service ? `, as ${service.unit} says` : ""}`);
      for (const { why, path, advice, command } of denials) {
        const [check = why] = why.split(":");
        denied.add(check);
        yield fix(check, `${name} may not use ${path}`, advice, command ? [command] : []);
      }
    }
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    const [what, ...advice] = error.message.replace(/^.*?: (user|group): /, "").split("; ");
    yield fix("user", what!, advice.join("; "));
  }
  for (const part of config.outputs.filter(({ name }) => !denied.has(`output ${name}`))) {
    yield await outputFinding(part, runner?.credentials, `${words.nfscribe} db init${words.named}`);
  }
}
