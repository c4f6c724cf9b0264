/** Examination of NFLOG sources. */

import { NetlinkError } from "../../errors.ts";
import { type Finding, fix, ok, skipped } from "../../finding.ts";
import type { SourceExaminer } from "../define.ts";
import type { Netns } from "../netns.ts";
import { holderOf } from "./bind_error.ts";
import { type Holder, holderFinding, runOf } from "./holder.ts";
import { processOf } from "./holder_reader.ts";
import type { NflogOptions } from "./options.ts";
import { askNflog, holdersOf, isNetAdmin, type NflogAnswer } from "./probe_reader.ts";

/** Examines NFLOG in this kernel, and the holders of groups. */
export const nflogExaminer: SourceExaminer<NflogOptions> = {
  *kernel({ group }) {
    const answer = answerOf(group);
    if (answer === undefined) return;
    yield support(answer);
    if (answer.isThere !== false) yield capability(answer);
  },
  *source({ group, netns }, { name, isRead, isOwn, rules }) {
    const { mayConfigure, isHeld } = askNflog(group, netns);
    const found = holderIn(group, netns, mayConfigure ? isHeld : undefined);
    const run = found.process && runOf(found.process.words);
    const holder = { ...found, isRead, isOwn: run && isOwn(run, found.process?.cwd) };
    yield holder.isHeld === undefined
      ? skipped(`group ${name}`, "the kernel tells who holds it with CAP_NET_ADMIN only")
      : holderFinding(name, holder);
    yield rules();
  },
};

/** Returns whether the kernel has NFLOG. */
function support({ isThere }: NflogAnswer): Finding {
  if (isThere === true) return ok("kernel", "has NFLOG (nfnetlink_log)");
  if (isThere === undefined) {
    return skipped("kernel", "it tells about NFLOG with CAP_NET_ADMIN only");
  }
  return fix(
    "kernel",
    "has no NFLOG",
    "load the module; without one, use a kernel with CONFIG_NETFILTER_NETLINK_LOG",
    ["modprobe nfnetlink_log"],
  );
}

/** Returns whether this process may bind groups. */
function capability({ mayConfigure }: NflogAnswer): Finding {
  if (mayConfigure) return ok("capability", "CAP_NET_ADMIN: groups may be bound");
  if (isNetAdmin() === true) {
    return fix(
      "capability",
      "CAP_NET_ADMIN is there, but not in the user namespace that owns this network namespace",
      "run nfscribe in that one (outside of the container), or try in a network namespace of your own",
      ["nfscribe try"],
    );
  }
  return fix(
    "capability",
    "CAP_NET_ADMIN is missing: no group can be bound",
    "run as root, or as a service with AmbientCapabilities=CAP_NET_ADMIN (docs/systemd.md)",
  );
}

/** Asks the kernel; undefined where its answer makes no sense. */
function answerOf(group: number): NflogAnswer | undefined {
  try {
    return askNflog(group, undefined);
  } catch (error) {
    if (error instanceof NetlinkError) return undefined;
    throw error;
  }
}

/** Returns the holder of a group, by the kernel's answer and by what /proc shows. */
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
