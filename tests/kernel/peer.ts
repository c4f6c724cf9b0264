/**
 * Second network namespace, joined to this one by a veth pair.
 *
 * @module
 */

import { canRun, must } from "../system/process.ts";

/** Whether veth pairs can be created; named in titles of tests that need it. */
export const HAS_VETH: boolean =
  canRun("sh", "-c", "ip link add nfsv type veth && ip link del nfsv") &&
  canRun("unshare", "--net", "true");

/** This end: device, link address, IPv4 address. */
export const HERE = { device: "nfs0", link: "02:00:00:00:00:01", address: "10.99.1.1" } as const;
/** Other end, in a namespace of its own. */
export const THERE = { device: "nfs1", link: "02:00:00:00:00:02", address: "10.99.1.2" } as const;

/** Other namespace. */
export interface Peer extends AsyncDisposable {
  /** Process in it. */
  readonly pid: number;
  /** Runs a program in it. */
  must(command: readonly string[]): Promise<string>;
}

/** Creates the namespace and the pair; disposing removes both. */
export async function openPeer(): Promise<Peer> {
  // A namespace exists while a process is in it: `cat` runs until its input ends.
  const holder = new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", "echo ready; exec cat"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = holder.stdout.getReader();
  await output.read();
  const there = ["nsenter", `--net=/proc/${holder.pid}/ns/net`];
  const script = `
ip link add ${HERE.device} address ${HERE.link} type veth peer name ${THERE.device} \
  address ${THERE.link} netns ${holder.pid}
ip addr add ${HERE.address}/24 dev ${HERE.device}
ip link set ${HERE.device} up
${there.join(" ")} ip addr add ${THERE.address}/24 dev ${THERE.device}
${there.join(" ")} ip link set ${THERE.device} up`;
  const close = async () => {
    await holder.stdin.close();
    await output.cancel();
    await holder.status;
    // Deleting one end deletes the other; a test may have done so.
    canRun("ip", "link", "del", HERE.device);
  };
  try {
    await must(["sh", "-ec", script]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pid: holder.pid,
    must: (command) => must([...there, ...command]),
    [Symbol.asyncDispose]: close,
  };
}
