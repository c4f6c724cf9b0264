/** Names of ports. They are never looked up elsewhere: an expression means the same on every host. */

import { IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP } from "../../packet/protocols.ts";

const TCP = [IPPROTO_TCP];
const UDP = [IPPROTO_UDP];
/** Protocols of a port whose name stands for more than one. */
const ALL = [IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP];

/** Port of a service (IANA), and the protocols that the name stands for. */
export interface Service {
  /** The port. */
  readonly port: number;
  /** IANA protocol numbers. */
  readonly protocols: readonly number[];
}

const OF_TCP: Readonly<Record<string, number>> = {
  tcpmux: 1,
  systat: 11,
  netstat: 15,
  qotd: 17,
  "ftp-data": 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  mail: 25,
  whois: 43,
  gopher: 70,
  finger: 79,
  http: 80,
  www: 80,
  pop3: 110,
  "pop-3": 110,
  auth: 113,
  ident: 113,
  nntp: 119,
  epmap: 135,
  "netbios-ssn": 139,
  imap: 143,
  imap2: 143,
  bgp: 179,
  "microsoft-ds": 445,
  submissions: 465,
  smtps: 465,
  exec: 512,
  login: 513,
  shell: 514,
  printer: 515,
  afpovertcp: 548,
  nntps: 563,
  submission: 587,
  ipp: 631,
  "kerberos-adm": 749,
  rsync: 873,
  "ftps-data": 989,
  ftps: 990,
  telnets: 992,
  imaps: 993,
  pop3s: 995,
  socks: 1080,
  "ms-sql-s": 1433,
  "iscsi-target": 3260,
  mysql: 3306,
  "ms-wbt-server": 3389,
  rdp: 3389,
  svn: 3690,
  sieve: 4190,
  "xmpp-client": 5222,
  "xmpp-server": 5269,
  postgresql: 5432,
  postgres: 5432,
  amqps: 5671,
  amqp: 5672,
  x11: 6000,
  redis: 6379,
  "syslog-tls": 6514,
  ircd: 6667,
  "ircs-u": 6697,
  "http-alt": 8080,
  git: 9418,
  "zabbix-agent": 10050,
  "zabbix-trapper": 10051,
};

const OF_UDP: Readonly<Record<string, number>> = {
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  ntp: 123,
  "netbios-ns": 137,
  "netbios-dgm": 138,
  xdmcp: 177,
  "ptp-event": 319,
  "ptp-general": 320,
  isakmp: 500,
  ike: 500,
  syslog: 514,
  route: 520,
  "dhcpv6-client": 546,
  "dhcpv6-server": 547,
  l2f: 1701,
  l2tp: 1701,
  "ms-sql-m": 1434,
  ssdp: 1900,
  "ipsec-nat-t": 4500,
  vxlan: 4789,
  mdns: 5353,
  llmnr: 5355,
  geneve: 6081,
  wireguard: 51820,
};

const OF_BOTH: Readonly<Record<string, number>> = {
  echo: 7,
  discard: 9,
  daytime: 13,
  chargen: 19,
  time: 37,
  tacacs: 49,
  domain: 53,
  dns: 53,
  kerberos: 88,
  sunrpc: 111,
  snmp: 161,
  "snmp-trap": 162,
  snmptrap: 162,
  ldap: 389,
  svrloc: 427,
  https: 443,
  kpasswd: 464,
  rtsp: 554,
  ldp: 646,
  ldaps: 636,
  "domain-s": 853,
  openvpn: 1194,
  radius: 1812,
  "radius-acct": 1813,
  mqtt: 1883,
  nfs: 2049,
  sip: 5060,
  "sip-tls": 5061,
};

/** Services by name. */
export const SERVICES: ReadonlyMap<string, Service> = new Map(
  ([[OF_TCP, TCP], [OF_UDP, UDP], [OF_BOTH, ALL]] as const).flatMap(([ports, protocols]) =>
    Object.entries(ports).map(([name, port]) => [name, { port, protocols }] as const)
  ),
);
