/**
 * Hosts in network namespaces of their own, on one bridge: links can be cut.
 *
 * @module
 */

import { canRun, must } from "../system/process.ts";

/** Network of the hosts, without the last number. */
const NETWORK = "10.77.0";
/** Device that joins them in this namespace. */
const BRIDGE = "fleet0";

/** Whether hosts can be made; named in titles of tests that need them. */
export const HAS_BRIDGE: boolean = canRun(
  "unshare",
  "--net",
  "sh",
  "-c",
  "ip link add fleet0 type bridge && ip link add fleet1 type veth",
);

/** Address of this namespace on the bridge. */
export const HERE: string = `${NETWORK}.1`;

/** A host. */
export interface Host extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  /** Returns a command that runs on the host. */
  on(...command: readonly string[]): string[];
  /** Cuts the link to all others. */
  cut(): Promise<void>;
  /** Joins it again. */
  join(): Promise<void>;
}

/** A bridge in this namespace. */
export class Network implements AsyncDisposable {
  readonly #hosts: Host[] = [];

  private constructor() {}

  /** Makes the bridge, with an address for this namespace. */
  static async open(): Promise<Network> {
    await must(["ip", "link", "add", BRIDGE, "type", "bridge"]);
    await must(["ip", "addr", "add", `${HERE}/24`, "dev", BRIDGE]);
    await must(["ip", "link", "set", BRIDGE, "up"]);
    return new Network();
  }

  /** Adds a host. */
  async host(name: string): Promise<Host> {
    const number = this.#hosts.length + 10;
    // A namespace exists while a process is in it: `cat` runs until its input ends.
    const holder = new Deno.Command("unshare", {
      args: ["--net", "--uts", "sh", "-c", 'hostname "$0"; echo ready; exec cat', name],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = holder.stdout.getReader();
    await output.read();
    const { pid } = holder;
    const on = (...command: readonly string[]) => [
      "nsenter",
      `--net=/proc/${pid}/ns/net`,
      `--uts=/proc/${pid}/ns/uts`,
      ...command,
    ];
    const device = `fleet${number}`;
    const address = `${NETWORK}.${number}`;
    await must([
      "sh",
      "-ec",
      `
ip link add ${device} type veth peer name eth0 netns ${pid}
ip link set ${device} master ${BRIDGE} up
${
        on().join(" ")
      } sh -ec 'ip addr add ${address}/24 dev eth0; ip link set eth0 up; ip link set lo up'`,
    ]);
    const host: Host = {
      name,
      address,
      on,
      cut: async () => void await must(["ip", "link", "set", device, "down"]),
      join: async () => void await must(["ip", "link", "set", device, "up"]),
      [Symbol.asyncDispose]: async () => {
        await holder.stdin.close();
        await output.cancel();
        await holder.status;
      },
    };
    this.#hosts.push(host);
    return host;
  }

  /** Removes the hosts and the bridge. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) await host[Symbol.asyncDispose]();
    canRun("ip", "link", "del", BRIDGE);
  }
}
