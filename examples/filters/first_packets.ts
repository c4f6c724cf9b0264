/**
 * Keeps the first ten packets of each connection, which is where it says what it
 * is, and one line of it. Both directions are one connection.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter forward log group 1
 *     iptables -I FORWARD -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/first_packets.ts --pcap trace.pcap --logemu firewall.log
 *
 * State is per sandbox: leave `workers` at 1, otherwise each counts its share of
 * a connection's packets.
 *
 * @module
 */

import type { Filter, Packet } from "nfscribe";

/** Packets of a connection that are kept. */
const FIRST = 10;
/** A connection is over when nothing was heard for so long, in microseconds, as `packet.time` is. */
const IDLE_US = 120e6;
/** Connections that are remembered; the one not heard for longest is forgotten. */
const CONNECTIONS_MAX = 50_000;

const SYN = 0x02;
const ACK = 0x10;

interface Connection {
  /** Packets so far, no more than are kept. */
  packets: number;
  /** Time of the last one, in microseconds. */
  last: number;
}

/** Connections, the one not heard for longest first. */
const connections = new Map<string, Connection>();

export default ((packet) => {
  const { source, destination, time } = packet;
  if (source === undefined || destination === undefined) return "logemu";
  const key = keyOf(packet, source, destination);
  let connection = connections.get(key);
  if (connection === undefined || isOver(connection, packet)) {
    connection = { packets: 0, last: time };
  }
  connection.last = time;
  connections.delete(key);
  connections.set(key, connection);
  forget(time);
  if (connection.packets === FIRST) return false;
  connection.packets++;
  return connection.packets === 1 ? ["pcap", "logemu"] : "pcap";
}) satisfies Filter;

/** Forgets connections that are over, and those that are too many. */
function forget(time: number): void {
  for (const [key, { last }] of connections) {
    if (time - last <= IDLE_US && connections.size <= CONNECTIONS_MAX) return;
    connections.delete(key);
  }
}

/**
 * Names a connection; the text is the same for both directions. Later fragments have no
 * ports: they are their hosts'.
 */
function keyOf(packet: Packet, source: string, destination: string): string {
  const from = `${source} ${packet.sourcePort ?? ""}`;
  const to = `${destination} ${packet.destinationPort ?? ""}`;
  return from < to ? `${packet.protocol} ${from} ${to}` : `${packet.protocol} ${to} ${from}`;
}

/**
 * Returns whether a packet of the same ports is another connection's: after a silence, or
 * a SYN where all is kept already.
 */
function isOver({ packets, last }: Connection, { tcp, time }: Packet): boolean {
  if (time - last > IDLE_US) return true;
  return packets === FIRST && tcp !== undefined && (tcp.flags & (SYN | ACK)) === SYN;
}
