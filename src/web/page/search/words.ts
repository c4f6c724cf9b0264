/** Words of expressions that the search line explains. */

/** A word, and what it chooses. */
export interface Explained {
  readonly word: string;
  readonly about: string;
  /** Kind of record that has it; undefined for both. */
  readonly kind?: "packet" | "flow";
}

/** The words that are offered first. */
export const EXPLAINED: readonly Explained[] = [
  { word: "host", about: "address at either end" },
  { word: "src host", about: "sender's address" },
  { word: "dst host", about: "receiver's address" },
  { word: "net", about: "network, as in net 10.0.0.0/8" },
  { word: "src net", about: "sender's network" },
  { word: "dst net", about: "receiver's network" },
  { word: "port", about: "port at either end" },
  { word: "src port", about: "sender's port" },
  { word: "dst port", about: "receiver's port" },
  { word: "portrange", about: "ports, as in portrange 1-1024" },
  { word: "tcp", about: "TCP" },
  { word: "udp", about: "UDP" },
  { word: "icmp", about: "ICMP" },
  { word: "icmp6", about: "ICMPv6" },
  { word: "ip", about: "IPv4" },
  { word: "ip6", about: "IPv6" },
  { word: "arp", about: "ARP", kind: "packet" },
  { word: "prefix", about: 'the rule\'s prefix, as in prefix "drop*"', kind: "packet" },
  { word: "action", about: "drop, reject, accept or log", kind: "packet" },
  { word: "in", about: "interface it came in by", kind: "packet" },
  { word: "out", about: "interface it leaves by", kind: "packet" },
  { word: "hook", about: "input, forward, output …", kind: "packet" },
  { word: "uid", about: "user of the local socket", kind: "packet" },
  { word: "gid", about: "group of the local socket", kind: "packet" },
  { word: "mark", about: "mark, as in mark 0x1/0xff" },
  { word: "capture", about: "source that took it" },
  { word: "sender", about: "host that logged it" },
  { word: "less", about: "at most so many bytes", kind: "packet" },
  { word: "greater", about: "at least so many bytes", kind: "packet" },
  { word: "tcp[tcpflags] & tcp-syn != 0", about: "SYN is set", kind: "packet" },
  { word: "multicast", about: "sent to a group of hosts", kind: "packet" },
  { word: "broadcast", about: "sent to all hosts", kind: "packet" },
  { word: "vlan", about: "tagged, as in vlan 10", kind: "packet" },
  { word: "nat", about: "translated", kind: "flow" },
  { word: "snat", about: "source translated", kind: "flow" },
  { word: "dnat", about: "destination translated", kind: "flow" },
  { word: "state", about: "established, time_wait …", kind: "flow" },
  { word: "status", about: "unreplied, assured …", kind: "flow" },
  { word: "event", about: "new, update or destroy", kind: "flow" },
  { word: "bytes", about: "bytes, as in bytes > 1000000", kind: "flow" },
  { word: "packets", about: "packets, as in packets > 10", kind: "flow" },
  { word: "duration", about: "seconds, as in duration > 60", kind: "flow" },
  { word: "original", about: "of the first direction", kind: "flow" },
  { word: "reply", about: "of the answers", kind: "flow" },
];
