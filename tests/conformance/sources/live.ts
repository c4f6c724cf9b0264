/**
 * Sources at work: what sends packets to each type.
 *
 * @module
 */

import { NETLINK_NETFILTER, NETLINK_USERSOCK, NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { NetlinkError } from "../../../src/errors.ts";
import { FlowMaker } from "../../ffi/flow_maker.ts";
import { HAS_NFT, nft } from "../../kernel/firewall.ts";
import { portIds } from "../../kernel/port_ids.ts";
import { sendUdp } from "../../kernel/traffic.ts";
import { concat } from "../../packet/sample.ts";
import { fileHeader, fileRecord } from "../../source/pcap/sample.ts";
import { canRun, must, temporaryFolder } from "../../system/process.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { numbered } from "../packets.ts";
import { sourceFixtures } from "./fixtures.ts";

/** A sender of packets to a source. */
export interface Sender extends AsyncDisposable {
  /** Options of the source. */
  table: Readonly<Record<string, unknown>>;
  /** Sends packets; they are queued for the source once this returns. */
  send(packets: number): void | Promise<void>;
  /** Sends a datagram that looks like a packet to the one source that is open, as any process can. */
  forge?(): Promise<void>;
}

/** A type of source on a real kernel. */
export interface LiveSource {
  /** Opens a sender to it. */
  open(): Promise<Sender>;
  /** Reason why it cannot be tested here. */
  missing?: string | undefined;
}

/** Whether conntrack(8) can be used. */
const HAS_CONNTRACK: boolean = canRun("conntrack", "-C");

const NFLOG_GROUP = 990;
const ULOG_GROUP = 7;

/** Each type of source; a new source is one entry here. */
export const liveSources: Readonly<Record<string, LiveSource>> = {
  nflog: {
    missing: HAS_NFT ? undefined : "needs nft",
    async open() {
      const rules = await nft([["output", `udp dport 9 log group ${NFLOG_GROUP}`]]);
      return {
        // Each packet is handed over at once.
        table: { group: NFLOG_GROUP, queueThreshold: 1, queueTimeoutMs: 10 },
        send: (packets) => sendUdp(packets),
        async forge() {
          const [portId] = portIds(NETLINK_NETFILTER);
          await using forger = NetlinkSocket.open(NETLINK_NETFILTER);
          forger.bind();
          forger.send(sourceFixtures.nflog!.packet(5000), portId);
        },
        [Symbol.asyncDispose]: () => rules[Symbol.asyncDispose](),
      };
    },
  },
  ulog: {
    open() {
      const relay = NetlinkSocket.open(NETLINK_USERSOCK);
      relay.bind();
      return Promise.resolve({
        table: { group: ULOG_GROUP, netlinkFamily: NETLINK_USERSOCK },
        send(packets: number) {
          for (let number = 0; number < packets; number++) {
            try {
              relay.send(sourceFixtures.ulog!.packet(number), 0, 1 << (ULOG_GROUP - 1));
            } catch (error) {
              // The kernel says so although the group gets it: no socket has port id 0 there.
              if (!(error instanceof NetlinkError) || error.code !== "ECONNREFUSED") throw error;
            }
          }
        },
        [Symbol.asyncDispose]: () => relay.close(),
      });
    },
  },
  conntrack: {
    missing: HAS_NFT && HAS_CONNTRACK ? undefined : "needs nft and conntrack",
    async open() {
      const rules = await nft([["output", "ct state new counter"]]);
      const maker = new FlowMaker();
      return {
        table: { events: ["new"] },
        send: (flows) => maker.make(flows),
        async forge() {
          const [portId] = portIds(NETLINK_NETFILTER);
          await using forger = NetlinkSocket.open(NETLINK_NETFILTER);
          forger.bind();
          forger.send(sourceFixtures.conntrack!.packet(5000), portId);
        },
        async [Symbol.asyncDispose]() {
          maker[Symbol.dispose]();
          await rules[Symbol.asyncDispose]();
          // Else the next test's flows would be known already.
          await must(["conntrack", "-F"]);
        },
      };
    },
  },
  accounting: {
    missing: HAS_NFT ? undefined : "needs nft",
    async open() {
      await must(["nft", "add", "table", "inet", "counted"]);
      let made = 0;
      return {
        // An object that is new counts once; then it stays as it is.
        table: { intervalSeconds: 1, objects: ["nft"], unchanged: false },
        async send(packets: number) {
          const commands = Array.from(
            { length: packets },
            () => `add counter inet counted n${++made} { packets 1 bytes 33; }`,
          );
          await must(["nft", "-f", "-"], `${commands.join("\n")}\n`);
        },
        async forge() {
          const [portId] = portIds(NETLINK_NETFILTER);
          await using forger = NetlinkSocket.open(NETLINK_NETFILTER);
          forger.bind();
          forger.send(sourceFixtures.accounting!.packet(5000), portId);
        },
        async [Symbol.asyncDispose]() {
          await must(["nft", "flush", "ruleset"]);
        },
      };
    },
  },
  pcap: {
    async open() {
      const { path, ...folder } = await temporaryFolder();
      const file = `${path}/in.pcap`;
      await Deno.writeFile(file, fileHeader());
      return {
        table: { path: file, follow: true },
        async send(packets) {
          const records = Array.from(
            { length: packets },
            (_, number) => fileRecord(new Packet(numbered(number % 1000)).payload!),
          );
          await Deno.writeFile(file, concat(...records), { append: true });
        },
        ...folder,
      };
    },
  },
  nats: {
    missing: "needs a server: tests/nats/server",
    open: () => Promise.reject(new Error("needs a server")),
  },
};
