/**
 * The sources of a configuration, one by one.
 *
 * @module
 */

import type { Config, Part } from "../config/config.ts";
import { NetlinkError } from "../errors.ts";
import { holderOf } from "../source/nflog/bind_error.ts";
import type { NflogOptions } from "../source/nflog/options.ts";
import type { UlogOptions } from "../source/ulog/options.ts";
import { type Firewall, readFirewall } from "./firewall_reader.ts";
import { type Finding, fix, note, ok, skipped } from "./finding.ts";
import {
  type Fed,
  type Holder,
  holderFinding,
  loggerFinding,
  ruleFinding,
  runOf,
} from "./groups.ts";
import { processOf } from "./holder_reader.ts";
import { interfacesFinding, shortName } from "./interfaces.ts";
import {
  accessTo,
  askNflog,
  enterNamespace,
  hasNetlinkFamily,
  holdersOf,
  interfacesOf,
  loggersOf,
  type Netns,
  receiveBuffer,
} from "./kernel_reader.ts";

/** The kernel's own netlink family (`NETLINK_NFLOG`); another one is a relay's. */
const FROM_KERNEL = 5;

/** Whether a process, which is an `nfscribe run`, has this configuration; undefined where nothing tells. */
export type IsOwn = (options: readonly string[], cwd: string | undefined) => boolean | undefined;

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
   * @param config The configuration.
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
  *findings(): Generator<Finding> {
    const entered = new Map<Netns, boolean>();
    const looked = new Set<Netns>();
    for (const part of this.#config.sources) {
      const netns = part.options.netns as Netns;
      if (part.type === "pcap") yield captureFinding(part);
      else {
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
        yield* this.#group(part);
      }
    }
    const places = [...new Set(this.#groups().map(({ options }) => options.netns as Netns))];
    for (const netns of places.filter((netns) => entered.get(netns) !== false)) {
      const loggers = loggersOf(netns);
      if (loggers !== undefined) yield loggerFinding(loggers);
      yield this.#buffer(netns);
    }
  }

  #groups(): Part[] {
    return this.#config.sources.filter(({ type }) => type !== "pcap");
  }

  *#group(part: Part): Generator<Finding> {
    const { name, type, options } = part;
    const { group, netns } = options as unknown as NflogOptions;
    if (type === "nflog") {
      const fed: Fed = { name, target: "nflog", group };
      const { mayConfigure, isHeld } = askNflog(group, netns);
      const found = holderIn(group, netns, mayConfigure ? isHeld : undefined);
      const run = found.process && runOf(found.process.words);
      const holder = {
        ...found,
        isRead: this.#read.includes(name),
        isOwn: run && this.#isOwn(run, found.process?.cwd),
      };
      yield holder.isHeld === undefined
        ? skipped(`group ${name}`, "its holder is known with CAP_NET_ADMIN only")
        : holderFinding(fed, holder);
      yield ruleFinding(fed, this.#firewall(netns), this.#command);
      return;
    }
    const { netlinkFamily } = options as unknown as UlogOptions;
    if (!hasNetlinkFamily(netlinkFamily, netns)) {
      yield fix(
        `group ${name}`,
        "this kernel has no ULOG: Linux 3.17 and later have not",
        'log with NFLOG, and read it with type = "nflog"; this translates a rule',
        [`nfscribe rules --from "iptables …"`],
      );
      return;
    }
    yield ok(`group ${name}`, "may be joined; others may read it, too");
    if (netlinkFamily !== FROM_KERNEL) return;
    yield ruleFinding({ name, target: "ulog", group }, this.#firewall(netns), this.#command);
  }

  #firewall(netns: Netns): Firewall {
    let firewall = this.#firewalls.get(netns);
    if (firewall === undefined) this.#firewalls.set(netns, firewall = readFirewall(netns));
    return firewall;
  }

  #buffer(netns: Netns): Finding {
    const sizes = this.#groups().filter(({ options }) => options.netns === netns)
      .map(({ options }) => options.bufferSize as number);
    const size = Math.max(...sizes);
    const given = receiveBuffer(size, netns);
    if (given >= size) return ok("buffer", `${megabytes(size)} for a socket, as asked for`);
    return note(
      "buffer",
      `${megabytes(given)} for a socket, not ${
        megabytes(size)
      }: the system's limit holds, and bursts may be lost`,
      "raise the limit, or start as root of the first user namespace",
      [`sysctl -w net.core.rmem_max=${size}`],
    );
  }
}

/** Returns the holder of a group, by the kernel's answer and by /proc. */
function holderIn(
  group: number,
  netns: Netns,
  isHeld: boolean | undefined,
): Omit<Holder, "isRead" | "isOwn"> {
  const holders = holdersOf(netns);
  const portId = holders === undefined ? undefined : holderOf(holders, group);
  if (portId === undefined) {
    return { isHeld: isHeld ?? (holders === undefined ? undefined : false) };
  }
  const process = processOf(portId, netns);
  return { isHeld: true, portId, ...process !== undefined && { process } };
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

function captureFinding({ name, options }: Part): Finding {
  const check = `source ${name}`;
  const paths = [options.path].flat().map(String).filter((path) => path !== "-");
  for (const path of paths) {
    const access = accessTo(path, ["read"]);
    if (access === "absent") return fix(check, `${path} is not there`, "name a file that is");
    if (access !== "yes") return fix(check, `${path} may not be read`, "let this user read it");
  }
  return ok(check, "can be read");
}

function megabytes(bytes: number): string {
  const size = bytes / (1024 * 1024);
  return size >= 1 ? `${Number(size.toFixed(1))} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
