/**
 * Tells of senders that knock at many TCP ports within ten seconds: a line of
 * its own in the log, and from then on their packets in the pcap file.
 *
 * The rule, in either form:
 *
 *     nft add rule inet filter input tcp flags syn / syn,ack log group 1
 *     iptables -I INPUT -p tcp --tcp-flags SYN,ACK SYN -j NFLOG --nflog-group 1
 *
 * Run it:
 *
 *     scripts/nfscribe run --group 1 --filter examples/filters/port_scan.ts --pcap trace.pcap --logemu firewall.log
 *
 * You see in firewall.log, with a time and this host's name before it:
 *
 *     EVENT=port_scan SRC=192.0.2.1 PORTS=20
 *
 * State is per sandbox: leave `workers` at 1, otherwise each sees only its share
 * of a sender's packets.
 *
 * @module
 */

import type { Filter, FilterTick } from "nfscribe";

/** So many ports of one sender are a scan. */
const PORTS = 20;
/** Within this time, in microseconds, as `packet.time` is. */
const WINDOW_US = 10e6;
/** Senders that are watched at a time, at the most; the oldest is forgotten. */
const SENDERS_MAX = 10_000;

interface Watch {
  /** Time of its first packet, in microseconds. */
  since: number;
  /** Ports that it knocked at, no more than make a scan. */
  ports: Set<number>;
}

/** Ports that senders tried, the oldest sender first. */
const watched = new Map<string, Watch>();
/** The time of the latest packet, in microseconds. */
let now = 0;
let scans = 0;

export default ((packet, context) => {
  const { tcp, source } = packet;
  const knocks = tcp !== undefined && (tcp.flags & (SYN | ACK)) === SYN;
  if (!knocks || source === undefined) return "logemu";
  now = packet.time;
  const watch = watchOf(source);
  if (watch.ports.size < PORTS) {
    watch.ports.add(tcp.destinationPort);
    if (watch.ports.size < PORTS) return "logemu";
    scans++;
    context.emit("logemu", { EVENT: "port_scan", SRC: source, PORTS });
  }
  return ["pcap", "logemu"];
}) satisfies Filter;

/** Forgets what is over, and sums up. */
export const tick: FilterTick = (context) => {
  for (const [source, watch] of watched) {
    if (isCurrent(watch)) break;
    watched.delete(source);
  }
  if (scans > 0) context.log("port scans", { scans, watched: watched.size });
  scans = 0;
};

/** Interval of the calls of `tick`, in milliseconds. */
export const tickMs = 10_000;

const SYN = 0x02;
const ACK = 0x10;

function watchOf(source: string): Watch {
  const known = watched.get(source);
  if (known !== undefined && isCurrent(known)) return known;
  const fresh = { since: now, ports: new Set<number>() };
  watched.delete(source);
  watched.set(source, fresh);
  if (watched.size > SENDERS_MAX) {
    for (const oldest of watched.keys()) {
      watched.delete(oldest);
      break;
    }
  }
  return fresh;
}

function isCurrent({ since }: Watch): boolean {
  return Math.abs(now - since) <= WINDOW_US;
}
