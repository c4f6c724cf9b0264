/**
 * A second network namespace, joined to this one by a veth pair.
 *
 * @module
 */

import { canRun, must } from "../system/process.ts";

/** Why a test may be ignored; put it into the test's name. */
export const HAS_VETH: boolean =
  canRun("sh", "-c", "ip link add nfsv type veth && ip link del nfsv") &&
  canRun("unshare", "--net", "true");

/** The two ends: name, link address, IPv4 address. */
export const HERE = { device: "nfs0", link: "02:00:00:00:00:01", address: "10.99.1.1" } as const;
/** The other end, in a namespace of its own. */
export const THERE = { device: "nfs1", link: "02:00:00:00:00:02", address: "10.99.1.2" } as const;

/** The other namespace. */
export interface Peer extends AsyncDisposable {
  /** A process in it. */
  readonly pid: number;
  /** Runs a program there. */
  must(command: readonly string[]): Promise<string>;
}

/** Makes the namespace and the pair; disposing takes both away. */
export async function openPeer(): Promise<Peer> {
  // A namespace lives as long as a process in it: `cat` does until its input ends.
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
    // Either end takes the other one with it; a test may have done so.
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
