/**
 * Expressions that tcpdump and nfscribe both understand, with every primitive of pcap-filter(7)
 * that packets of a firewall have, for tests beside tcpdump and of the back ends.
 *
 * @module
 */

/** Splits a text into expressions, one each line. */
function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Primitives about the network header and what is above it: on any link. */
export const NETWORK: readonly string[] = lines(String.raw`
  ip
  ip6
  not ip
  not ip6
  ip or ip6
  tcp
  udp
  icmp
  icmp6
  igmp
  igrp
  pim
  vrrp
  carp
  ah
  esp
  sctp
  not tcp
  not udp
  tcp or udp
  ip and tcp
  ip6 and tcp
  proto 6
  proto \udp
  proto \icmp
  proto gre
  proto ospf
  proto 255
  proto eigrp
  ip proto 6
  ip proto \tcp
  ip proto 17 or 1
  ip proto (6 or 17)
  ip proto gre
  ip6 proto 58
  ip6 proto ipv6-icmp
  ip6 proto \udp
  ip6 proto 59
  not proto 17
  port 53
  port 80
  port domain
  port ssh
  port ntp
  port http
  port 0
  port 65535
  port 53 or 80 or 179
  port (53 or 80 or 179)
  port not 53
  not port 53
  src port 53
  dst port 53
  src or dst port 53
  src and dst port 53
  dst or src port 179
  tcp port 80
  tcp port 179
  udp port 53
  udp port 123
  sctp port 9
  tcp src port 80
  tcp dst port 80 or 179 or 22
  udp src port 53
  udp dst port domain or bootps
  tcp src and dst port 179
  udp src and dst port 53
  not tcp port 80
  not udp dst port 53
  portrange 1-1024
  portrange 0-65535
  portrange 1024-1
  portrange 22
  portrange domain-http
  tcp portrange 1-1023
  udp portrange 53-1700
  src portrange 1024-65535
  dst portrange 1024-65535
  not portrange 1-1024
  host 10.0.0.1
  host 192.0.2.1
  host 127.0.0.1
  host 224.0.0.5
  host 10.0
  host 0
  src host 10.0.0.1
  dst host 224.0.0.5
  src 10.0.0.1
  dst 224.0.0.5
  src or dst 10.0.0.1
  src and dst 127.0.0.1
  not host 10.0.0.1
  host 10.0.0.1 or 10.0.0.2
  host (10.0.0.1 or 10.0.0.2 or 192.0.2.1)
  host 10.0.0.1 and 10.0.0.2
  host 10.0.0.1 and not 10.0.0.2
  ip host 10.0.0.1
  ip src 10.0.0.1
  ip dst host 224.0.0.5
  net 10
  net 10.0
  net 192.168.1
  net 10.0.0.0/8
  net 192.168.0.0/16
  net 192.0.2.0/24 or 198.51.100.0/24
  net 10.0.0.0 mask 255.0.0.0
  net 0.0.0.0/0
  src net 10
  dst net 224.0.0.0/4
  src net 10 and dst net 10
  src and dst net 10
  not net 10
  not src net 192.168
  ip net 10
  ip src net 10.0.0.0/8
  host 2001:db8::1
  host ::1
  host fe80::1
  host ff02::1
  src host fe80::1
  dst host ff02::5
  net fe80::/10
  net ff00::/8
  src net 2001:db8::/32
  dst net ff02::/16
  ip6 net fe80::/10
  ip6 host 2001:db8::2
  ip6 src net ::/0
  not net fe80::/10
  ip broadcast
  ip multicast
  ip6 multicast
  not ip multicast
  ip multicast or ip6 multicast
  less 60
  less 100
  greater 100
  greater 1500
  len > 500
  len >= 60
  len < 64
  len <= 0x40
  len = 60
  len == 98
  len != 60
  length > 1000
  len - 20 > 100
  len % 2 = 1
  len & 1 = 0
  ip[0] = 0x45
  ip[0] & 0xf != 5
  ip[0] & 0xf0 == 0x40
  ip[1] = 0
  ip[1] & 0xfc != 0
  ip[2:2] > 576
  ip[2:2] = len
  ip[6:2] & 0x1fff = 0
  ip[6:2] & 0x1fff != 0
  ip[6] & 0x40 != 0
  ip[6:2] & 0x2000 != 0 or ip[6:2] & 0x1fff != 0
  ip[8] < 5
  ip[8] = 1
  ip[9] = 17
  ip[12:4] = 0x0a000001
  ip[12:4] > 0x80000000
  ip[16] >= 224
  ip[16:4] = ip[12:4]
  ip[100] = 0
  ip[ip[0] & 0xf] = 0
  ip[(ip[0] & 0xf) * 4] = 0
  ip[20:2] + ip[22:2] > 0
  ip6[6] = 58
  ip6[7] = 255
  ip6[4:2] > 100
  ip6[0] & 0xf0 = 0x60
  ip6[40] = 128
  ip6[8:4] = 0xfe800000
  tcp[13] & 2 != 0
  tcp[13] = 2
  tcp[13] = 18
  tcp[tcpflags] & tcp-syn != 0
  tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn
  tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
  tcp[tcpflags] & (tcp-rst|tcp-ack) == (tcp-rst|tcp-ack)
  tcp[tcpflags] = tcp-ack
  tcp[tcpflags] & tcp-push != 0 and tcp[tcpflags] & tcp-urg = 0
  tcp[tcpflags] & (tcp-ece|tcp-cwr) != 0
  tcp[0:2] = 179
  tcp[2:2] < 1024
  tcp[4:4] > tcp[8:4]
  tcp[12] >> 4 > 5
  tcp[12] & 0xf0 >> 2 > 20
  tcp[14:2] = 0
  tcp[20] = 0x47
  tcp[(tcp[12] & 0xf0) >> 2:4] = 0x47455420
  udp[0:2] = 53
  udp[2:2] = 53 or udp[0:2] = 53
  udp[4:2] > 100
  udp[4:2] = ip[2:2] - 20
  udp[8] = 0
  icmp[0] = 8
  icmp[icmptype] = icmp-echo
  icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply
  icmp[icmptype] = icmp-unreach
  icmp[icmpcode] = 3
  icmp[icmptype] = icmp-timxceed or icmp[icmptype] = icmp-redirect
  icmp[icmptype] < icmp-tstamp
  icmp[4:2] = icmp[6:2]
  icmp6[icmp6type] = icmp6-echo
  icmp6[icmp6type] != icmp6-echo and icmp6[icmp6type] != icmp6-echoreply
  icmp6[icmp6type] >= icmp6-routersolicit
  icmp6[icmp6type] = icmp6-neighborsolicit or icmp6[icmp6type] = icmp6-neighboradvert
  icmp6[icmp6code] = 0
  icmp6[0] = 143
  igmp[0] = 0x11
  igmp[0] = 0x16 or igmp[0] = 0x22
  sctp[12] = 1
  pim[0] & 0xf = 0
  vrrp[0] >> 4 = 2
  igrp[0] = 0
  not tcp[13] & 2 != 0
  not icmp[0] = 8
  not (ip[9] = 6 or ip[9] = 17)
  1 = 1
  1 = 2
  0xffffffff + 1 = 0
  1 - 2 = 0xffffffff
  -1 = 0xffffffff
  0x80000000 > 1
  2 + 3 * 4 = 14
  10 % 4 + 1 = 0
  7 - 2 - 1 = 4
  64 / 4 / 2 = 8
  1 << 4 | 1 = 17
  5 & 3 + 1 = 4
  6 ^ 3 & 1 = 7
  len / 0x10 > 4
  len * 2 > 200
  len << 1 > 200
  len >> 3 > 12
  (len) > 60
  ((len) + (1)) > 61
  -len > 0
  ip[2:2] / ip[8] > 2
  ip[2:2] % ip[1] = 0
  1 + ip[8] > 64
  4 * (ip[0] & 0xf) = 20
  tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)
  tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 10
  host 10.0.0.1 and not port 80 and not port 443
  ip and not net 10
  tcp and port 80 or udp and port 53
  tcp or udp and port 53
  tcp and (port 80 or port 179)
  (tcp or udp) and (port 53 or port 179)
  not (tcp or udp)
  not tcp and not udp
  !tcp && !udp
  ! ( tcp || udp )
  not not tcp
  not (not (not udp))
  ((((udp))))
  tcp port 22 and src net 10.0.0.0/8 or icmp6
  src net 10 and (dst port 80 or 443 or 8080)
  udp port 53 and (src host 10.0.0.1 or dst host 10.0.0.1)
  ip host 10.0.0.1 and (10.0.0.2 or 10.0.0.3)
  dst net 224.0.0.0/4 and not dst host 224.0.0.5
  greater 100 and udp and not port 53
  icmp or icmp6 or igmp
  port 53 and port 1024
  src port 53 or dst port 53 and udp
  udp and len > 100 or tcp and len > 500
`);

/** Primitives about ARP and EtherTypes: on links that carry more than IP. */
export const LINK: readonly string[] = lines(String.raw`
  arp
  rarp
  not arp
  arp or rarp
  arp host 192.0.2.1
  arp src 10.0.0.1
  arp net 10
  rarp host 10.0.0.1
  host 10.0.0.1 and not ip
  net 192.168 and arp
  arp[6:2] = 1
  arp[7] = 2
  not arp[6:2] = 1
  ether proto 0x0800
  ether proto \ip
  ether proto \ip6
  ether proto \arp
  ether proto 0x88cc
  ether proto loopback
  link proto 0x806
  not ether proto 0x86dd
  ip or arp
  ip6 or arp
  aarp
  atalk
  decnet
  lat
  sca
  moprc
  mopdl
`);

/** Primitives about Ethernet. */
export const ETHERNET: readonly string[] = lines(String.raw`
  broadcast
  multicast
  ether broadcast
  ether multicast
  not ether multicast
  ether multicast and not ether broadcast
  ether host ff:ff:ff:ff:ff:ff
  ether dst 01:00:5e:00:00:05
  ether dst 0100.5e00.0005
  ether dst 01-00-5e-00-00-05
  ether dst 01005e000005
  ether src 0:0:0:0:0:1
  ether src or dst ff:ff:ff:ff:ff:ff
  ether src and dst 00:00:00:00:00:00
  not ether dst 33:33:00:00:00:01
  ether[0] & 1 = 1
  ether[0] & 1 = 0 and ip[16] >= 224
  ether[12:2] = 0x0800
  ether[12:2] > 1500
  ether[14] = 0x45
  ether[6:4] = ether[0:4]
  ether[60] = 0
  link[0] = 1
  byte 0 = 1
  byte 12 < 8
  byte 14 > 0x45
  iso
  stp
  ipx
  netbeui
  llc
  llc i
  llc s
  llc u
  llc ui
  llc rr
  llc rnr
  llc xid
  llc test
  clnp
  esis
  isis
  es-is or is-is
  iso proto \isis
  iso proto 0x83
  isis proto 15
  l1
  l2
  iih
  lsp
  snp
  csnp
  psnp
  not isis
  ether proto \stp
  ether proto \iso
  ether proto 0x42
  pppoed
  ether proto 0x8863
`);
