/** The sources of a configuration, one by one. */

import { sizeText } from "../text/figures.ts";
import type { Config, Part } from "../config/config.ts";
import { captureProblem } from "../daemon/openable.ts";
import { type InputError, NetlinkError } from "../errors.ts";
import { type Firewall, readFirewall } from "./firewall_reader.ts";
import { type Finding, fix, note, ok } from "../finding.ts";
import { loggerFinding, ruleFinding } from "./groups.ts";
import { interfacesFinding, shortName } from "./interfaces.ts";
import { enterNamespace, interfacesOf, loggersOf, receiveBuffer } from "./kernel_reader.ts";
import type { Netns } from "../source/netns.ts";
import { sources } from "../source/sources.ts";

/** Whether a process, which is an `nfscribe run`, has this configuration; undefined where nothing tells. */
export type IsOwn = (options: readonly string[], cwd: string | undefined) => boolean | undefined;

/** Returns whether a source is a netlink group, in a network namespace and fed by rules. */
export function isGroup({ type }: Part): boolean {
  return sources[type]!.feed !== undefined;
}

/** Examines all sources of a configuration. */
export class Sources {
  readonly #config: Config;
  readonly #command: string;
  readonly #read: readonly string[];
  readonly #isOwn: IsOwn;
  readonly #firewalls = new Map<Netns, Firewall>();

  /**
   * Begins.
   *
   * @param command What prints missing rules.
   * @param read Names of the sources that a running nfscribe reads.
   * @param isOwn Whether an `nfscribe run` has this configuration.
   */
  constructor(config: Config, command: string, read: readonly string[], isOwn: IsOwn) {
    this.#config = config;
    this.#command = command;
    this.#read = read;
    this.#isOwn = isOwn;
  }

  /** Looks at everything; a source in a namespace that cannot be entered at nothing else. */
  async *findings(): AsyncGenerator<Finding> {
    const entered = new Map<Netns, boolean>();
    const looked = new Set<Netns>();
    for (const part of this.#config.sources) {
      const netns = part.options.netns as Netns;
      if (isGroup(part)) {
        if (!entered.has(netns) && netns !== undefined) {
          const finding = namespaceFinding(netns);
          entered.set(netns, finding.state === "ok");
          yield finding;
        }
        if (entered.get(netns) === false) continue;
        if (!looked.has(netns)) {
          looked.add(netns);
          yield* interfaceFindings(netns);
        }
      }
      const findings = await Array.fromAsync(await this.#source(part));
      const isWell = findings.every(({ state }) => state === "ok");
      const problem = isWell ? await captureProblem(part) : undefined;
      if (problem === undefined) yield* findings;
      else yield captureFinding(part, problem);
    }
    const places = [...new Set(this.#groups().map(({ options }) => options.netns as Netns))];
    for (const netns of places.filter((netns) => entered.get(netns) !== false)) {
      const loggers = loggersOf(netns);
      if (loggers !== undefined) yield loggerFinding(loggers);
      yield* this.#buffer(netns);
    }
  }

  #groups(): Part[] {
    return this.#config.sources.filter(isGroup);
  }

  async #source(
    { name, type, options }: Part,
  ): Promise<Iterable<Finding> | AsyncIterable<Finding>> {
    const known = sources[type]!;
    const examiner = await known.examiner();
    return examiner.source(options, {
      name,
      isRead: this.#read.includes(name),
      isOwn: this.#isOwn,
      rules: () => {
        const feed = known.feed?.(options);
        if (feed === undefined) return ok(`rules ${name}`, "none is needed");
        return ruleFinding({ ...feed, name }, this.#firewall(feed.netns), this.#command);
      },
    });
  }

  #firewall(netns: Netns): Firewall {
    let firewall = this.#firewalls.get(netns);
    if (firewall === undefined) this.#firewalls.set(netns, firewall = readFirewall(netns));
    return firewall;
  }

  *#buffer(netns: Netns): Generator<Finding> {
    const sizes = this.#groups().filter(({ options }) => options.netns === netns)
      .flatMap(({ options }) => options.bufferSize as number | undefined ?? []);
    if (sizes.length === 0) return;
    const size = Math.max(...sizes);
    const given = receiveBuffer(size, netns);
    if (given >= size) return yield ok("buffer", `${sizeText(size)} for a socket, as asked for`);
    yield note(
      "buffer",
      `${sizeText(given)} for a socket, not ${
        sizeText(size)
      }: the system's limit holds, and bursts may be lost`,
      "raise the limit, or start as root of the first user namespace",
      [`sysctl -w net.core.rmem_max=${size}`],
    );
  }
}

function namespaceFinding(netns: Netns): Finding {
  const check = `netns ${shortName(netns!)}`;
  try {
    enterNamespace(netns);
    return ok(check, `${netns} can be entered`);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    const [what, ...advice] = error.message.split("; ");
    return fix(check, what!, advice.join("; ") || "see which ones there are", [
      ...advice.length > 0 ? [] : ["ip netns list"],
    ]);
  }
}

function* interfaceFindings(netns: Netns): Generator<Finding> {
  let links;
  try {
    links = interfacesOf(netns);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    // A filter of system calls may deny that family of sockets; the rest is still worth a look.
    return;
  }
  yield interfacesFinding(netns, links);
}

/** Reports a capture file that the run would not open. */
function captureFinding({ name }: Part, { message }: InputError): Finding {
  const [what, ...advice] = message.split("; ");
  return fix(`source ${name}`, what!, advice.join("; ") || "name another file");
}
