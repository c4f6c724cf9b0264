/**
 * A whole fleet: servers, senders, centres and a PostgreSQL, each on a host of its own.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { temporaryFolder } from "../system/process.ts";
import { HAS_BRIDGE, HERE, type Host, Network } from "./network.ts";
import { NatsServer, NO_NATS, untilHealthy } from "./nats_server.ts";
import { Centre, Sender } from "./parts.ts";

/** Reason why there can be no fleet; undefined if there can. */
export async function noFleet(): Promise<string | undefined> {
  if (!HAS_NFT || !HAS_BRIDGE) return "needs nft, and network namespaces with a bridge";
  return NO_NATS ?? await noCluster();
}

/** Size of a fleet. */
export interface FleetSize {
  servers: number;
  senders: number;
  centres: number;
}

/** A running fleet. */
export class Fleet implements AsyncDisposable {
  readonly network: Network;
  readonly cluster: Cluster;
  readonly servers: readonly NatsServer[];
  readonly senders: readonly Sender[];
  readonly centres: readonly Centre[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    network: Network,
    cluster: Cluster,
    servers: readonly NatsServer[],
    senders: readonly Sender[],
    centres: readonly Centre[],
    stack: AsyncDisposableStack,
  ) {
    this.network = network;
    this.cluster = cluster;
    this.servers = servers;
    this.senders = senders;
    this.centres = centres;
    this.#stack = stack;
  }

  /** Starts the servers, then the senders, then the centres. */
  static async open({ servers, senders, centres }: FleetSize): Promise<Fleet> {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(await temporaryFolder());
    const network = stack.use(await Network.open());
    // Rows stay in the order in which they were written: no room is used again.
    const cluster = stack.use(
      await Cluster.start({
        settings: ["listen_addresses = '*'", "autovacuum = off", "fsync = off"],
        hba: ["local all all trust", "host all all 0.0.0.0/0 trust"],
      }),
    );
    const hostsOf = async (name: string, count: number) => {
      const hosts: Host[] = [];
      for (let number = 1; number <= count; number++) {
        hosts.push(await network.host(`${name}${number}`));
      }
      return hosts;
    };
    const places = await hostsOf("nats", servers);
    const running: NatsServer[] = [];
    for (const host of places) running.push(stack.use(await NatsServer.start(host, places, path)));
    await untilHealthy(running);
    const url = running.map((server) => server.url).join(",");
    const create = `url = "${url}"\ncreate = true\nreplicas = ${servers}`;
    const database = `postgres://postgres@${HERE}:${cluster.port}/postgres`;
    const sending: Sender[] = [];
    for (const host of await hostsOf("web", senders)) {
      const sender = await Sender.start(host, `${path}/${host.name}`, create);
      sending.push(stack.use(sender));
    }
    const central: Centre[] = [];
    for (const host of await hostsOf("centre", centres)) {
      const folder = `${path}/${host.name}`;
      const output = `[output.postgres]\nurl = "${database}"\ncreate = true\n` +
        `spool = "${folder}/spool"`;
      const source = `url = "${url}"\ncreate = true\nreplicas = ${servers}`;
      central.push(stack.use(await Centre.start(host, folder, source, output)));
    }
    return new Fleet(network, cluster, running, sending, central, stack.move());
  }

  /**
   * Has all senders log packets at a rate each while something happens.
   *
   * @param rate Packets a second of each sender.
   */
  async under(rate: number, work: () => Promise<void>): Promise<void> {
    const floods = this.senders.map((sender) => sender.startFlood(rate));
    try {
      await work();
    } finally {
      for (const flood of floods) await flood.stop();
    }
  }

  /** Waits until the senders have received all; returns what each has logged and lost, by host. */
  async settle(): Promise<Map<string, { logged: number; lost: number }>> {
    const settled = new Map<string, { logged: number; lost: number }>();
    for (const sender of this.senders) settled.set(sender.host.name, await sender.settle());
    return settled;
  }

  /** Stops everything. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack[Symbol.asyncDispose]();
  }
}

/** Waits a random time, in milliseconds. */
export function randomly(mostMs: number): Promise<void> {
  return delay(mostMs * Math.random());
}
