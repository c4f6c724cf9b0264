/**
 * Wrong expressions. The words between `«` and `»` are those that the error must point at; at the
 * end `«»` means that something is missing.
 *
 * @module
 */

/** Wrong expressions with their marks. */
export const WRONG: readonly string[] = String.raw`
«»
tcp «prot» 22
tcp «22»
bytes > «1M»
duration > «5s»
mark «1.5k»
tcp «port2» and udp
«foo»
«ssh»
«1.2.3.4»
«::1»
«22»
«10.0.0.0»/8
- «udp»
tcp and «»
tcp or «»
tcp and «or» udp
«and» tcp
«or» tcp
not «»
! «»
tcp «udp»
tcp «not» udp
tcp «icmp»
tcp port «»
tcp port «tcp»
tcp port «and» 22
port «»
port «foo»
port «htp»
port «sssh»
port «65536»
port «99999»
port «-»22
port «1.2»
port «1.2.3.4»
port «::1»
port «00:11:22:33:44:55»
port («»
port «(»22
port (22 or «)»
port (22 «23»)
ip port «22» and tcp
icmp port «22»
icmp6 port «22»
arp port «22»
ether port «22»
ip port «22»
tcp port «ntp»
udp port «ssh»
tcp port «domian»
portrange «80-x»
portrange «ssh»
portrange «1-2-3»
portrange «089-100»
portrange «22-70000»
portrange «22-foo»
portrange «»
portrange «and»
src portrange «x»
host «»
host «foo»
host «example.com»
host «www.example.com»
host «300.1.1.1»
host «1.2.3.256»
host «01.2.3.4»
host «10.0.0.0/8»
host «fe80::/10»
host «1:2:3»
host «1::2::3»
host «00:11:22:33:44:55»
host «:::»
host «tcp»
host 1.2.3.4 «5.6.7.8»
ip host «::1»
ip6 host «1.2.3.4»
arp host «::1»
rarp host «fe80::1»
tcp host «1.2.3.4»
udp src «1.2.3.4»
icmp dst «1.2.3.4»
src «»
src «foo»
src «prt» 22
src «tcp»
src «or»
src or dst «»
src «and» tcp
dst net «»
net «foo»
net «»
net «10.0.0.1/8»
net 10.0.0.0/«33»
net 10.0.0.0/«»
net 10.0.0.0/«x»
net «10.0.0.1 mask 255.0.0.0»
net 10.0.0.0 mask «»
net 10.0.0.0 mask «8»
net fe80::/«129»
net «fe80::1/10»
net «00:11:22:33:44:55»
tcp net «10.0.0.0»/8
ip6 net «10.0.0.0»/8
ether host «10.0.0.1»
ether host «foo»
ether host «»
ether host «00:11:22:33:44»
ether src «12345»
src «00:11:22:33:44:55»
host «0:1:2:3:4:5»
ether net «00:11:22:33:44:55»
proto «»
proto «foo»
proto «256»
proto «tpc»
ip proto «300»
ip6 proto «foo»
tcp proto «6»
arp proto «6»
src «proto» 6
dst «protochain» 6
ether proto «foo»
ether proto «0x10000»
ether proto «»
iso proto «foo»
isis proto «32»
tcp protochain «6»
ip protochain «999»
ether«»
link«»
ether «and» tcp
tcp «broadcast»
udp «multicast»
arp «multicast»
ip6 «broadcast»
tcp[«»
tcp[«»
tcp[13«»
tcp[13] «»
tcp[«]» = 1
tcp[13:«3»] = 1
tcp[13:«8»] = 1
tcp[13:«»
tcp[0:«x»] = 1
tcp[13] & «»
tcp[13] & 2 «»
tcp[13] = «»
tcp[13] = «=» 2
tcp[13] & 2 «and» udp
tcp[«foo»] = 1
«ah»[0] = 1
«esp»[0] = 1
«iso»[0] = 1
«stp»[0] = 1
«isis»[0] = 1
len «»
len > «»
len > «foo»
len «10»
len / «0» = 1
len % «0» = 1
len << «32» = 1
len >> «99» = 1
len +«»
(len «and» udp)
( len > 1 «len»
«(»tcp
tcp «)»
(«)»
«(»(tcp)
(tcp «udp»)
(tcp or «)»
(«22» )
less «»
less «foo»
greater «tcp»
greater «-»1
less «99999999999»
byte «»
byte 0 «»
byte 0 «+» 1
byte 0 & «256»
vlan «5000»
vlan «foo»
vlan («»
mpls «9999999»
pppoes «65536»
llc «foo»
«geneve»
«vxlan» 5
«gateway» foo
«on» eth0
«ifname» eth0
«rnr» 5
«reason» match
«type» mgt
«subtype» beacon
wlan«»
wlan «addr1» 00:11:22:33:44:55
«vpi» 5
«lane»
«fisu»
«inboud»
«0x»
port «089»
host «$»12
tcp «&» udp
tcp «|» udp
tcp «=» 1
tcp «;» udp
tcp «#» udp
«"»tcp
prefix «"»abc
prefix «'»abc
prefix «»
prefix («»
prefix («)»
in «»
in and «out»
out «)»
hook «»
hook «foo»
hook «inputt»
family «inet»
action «drp»
action «pass»
mark «»
mark «foo»
mark 1/«»
mark 1/«x»
«mark 0x10/0xf»
mark «99999999999»
uid «root»
uid «»
uid > «»
uid > «foo»
gid «»
group «nflog»
group «1.2»
ifindex «eth0»
capture «»
«state established»
«packets > 10»
«nat»
«zone 3»
«original src host 1.2.3.4»
original «foo»
reply «»
«TCP»
«Port» 22
tcp and «prefx» ssh
tcp and («foo» or udp)
not «foo»
port 22 or «foo»
host 1.2.3.4 or «foo.bar»
tcp port 22 and «hst» 1.2.3.4
`.split("\n").filter((line) => line !== "");
