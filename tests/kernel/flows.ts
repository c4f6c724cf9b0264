/**
 * Flows of every kind on loopback, for tests beside connection tracking.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";
import type { StructuredFlow } from "../../src/flow/structured.ts";
import { FlowMaker } from "../ffi/flow_maker.ts";
import { canRun, must } from "../system/process.ts";

/** Whether nft and conntrack(8) can be used. */
export const HAS_CONNTRACK: boolean = canRun("nft", "list", "ruleset") && canRun("conntrack", "-C");

/** `AF_INET` and `AF_INET6` (linux/socket.h) */
const [AF_INET, AF_INET6] = [2, 10];
/** `SOCK_DGRAM` and `SOCK_RAW` with `SOCK_CLOEXEC` (linux/net.h) */
const [DGRAM, RAW] = [2 | 0o2000000, 3 | 0o2000000];
/** Protocols of raw packets: GRE, ESP, AH, and one that is unassigned. */
const RAW_PROTOCOLS = [47, 50, 51, 253];

/** Rules that track everything, mark flows, and translate some addresses. */
const RULES = `table inet tracked {
  chain output {
    type filter hook output priority 0
    ct state new udp dport 9 ct mark set 0x1234
  }
}
table ip translated {
  chain output {
    type nat hook output priority -100
    ip daddr 192.0.2.99 udp dport 9 dnat to 127.0.0.1:7777
  }
  chain postrouting {
    type nat hook postrouting priority 100
    udp dport 7778 snat to 127.0.0.2:40000-40010
  }
}
`;

/**
 * Tracks flows of this network namespace, with counters and times.
 *
 * @returns Disposing forgets all flows and rules.
 */
export async function track(): Promise<AsyncDisposable> {
  await must([
    ...["sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1"],
    "net.netfilter.nf_conntrack_timestamp=1",
  ]);
  await must(["nft", "-f", "-"], RULES);
  return {
    async [Symbol.asyncDispose]() {
      await must(["nft", "flush", "ruleset"]);
      await endFlows();
    },
  };
}

/** Writes a configuration of one source and an output `flows.json`. */
export async function writeFlowConfig(file: string, source: string, more = ""): Promise<void> {
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "conntrack"\n${source}\n[output.json]\npath = "flows.json"\n${more}` +
      `[log]\nformat = "json"\n`,
  );
}

/** Reads the lines of a file of JSON. */
export async function flowsIn(file: string): Promise<StructuredFlow[]> {
  const text = await Deno.readTextFile(file);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Ends all flows. */
export async function endFlows(): Promise<void> {
  await must(["conntrack", "-F"]);
}

/**
 * Makes flows: TCP with data both ways, UDP, ICMP and ICMPv6, translated ones, IPv6, and protocols
 * without ports.
 *
 * @param count Number of UDP flows; of TCP there is one for each four of them.
 */
export async function makeFlows(count: number): Promise<void> {
  for (let n = 0; n < count / 4; n++) await connectOnce(n);
  using maker = new FlowMaker();
  maker.make(count);
  await must(["ping", "-c", "1", "-q", "127.0.0.1"]);
  await must(["ping", "-6", "-c", "1", "-q", "::1"]);
  // An address that is routed to loopback, so that its translation is sent there.
  await must(["ip", "route", "replace", "local", "192.0.2.0/24", "dev", "lo"]);
  send(DGRAM, 0, ipv4(0xc0000263, 9));
  send(DGRAM, 0, ipv4(0x7f000001, 7778));
  send(DGRAM, 0, ipv6Loopback(53));
  for (const protocol of RAW_PROTOCOLS) send(RAW, protocol, ipv4(0x7f000001, 0));
}

/** Sends some bytes both ways over a TCP connection, and ends it. */
async function connectOnce(size: number): Promise<void> {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  const [client, server] = await Promise.all([
    Deno.connect({ port, hostname: "127.0.0.1" }),
    listener.accept(),
  ]);
  await client.write(new Uint8Array(size % 1000 + 1));
  await server.read(new Uint8Array(2000));
  await server.write(new Uint8Array(3));
  await client.read(new Uint8Array(3));
  client.close();
  server.close();
}

/** Returns a `struct sockaddr_in` (linux/in.h). */
function ipv4(address: number, port: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  view.setUint32(4, address);
  return view;
}

/** Returns a `struct sockaddr_in6` (linux/in6.h) of `::1`. */
function ipv6Loopback(port: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(28));
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  view.setUint8(23, 1);
  return view;
}

/** Sends a packet from a socket of its own. */
function send(type: number, protocol: number, to: DataView<ArrayBuffer>): void {
  const fd = libc().socket(to.getUint16(0, true), type, protocol);
  if (fd < 0) throw systemCallError("open a socket");
  const address = new Uint8Array(to.buffer);
  const sent = libc().sendto(fd, new Uint8Array(16), 16n, 0, address, address.length);
  libc().close(fd);
  if (Number(sent) < 0) throw systemCallError("send a packet");
}
