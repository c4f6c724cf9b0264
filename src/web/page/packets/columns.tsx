/** Columns of the packets tab. */

import type { JSX } from "preact";
import { Icon, type IconName } from "../controls/icon.tsx";
import { addressTerm, nameTerm, portTerm, protocolTerm } from "../search/terms.ts";
import { type Column, columnsOf } from "../table/column.ts";
import { count, hex } from "../text/format.ts";
import { actionOf } from "../text/actions.ts";
import { flagLetters } from "./flags.ts";
import { Time } from "../table/time.tsx";
import { icmpMessage } from "../text/icmp.ts";
import { serviceOf } from "../text/services.ts";

const column = columnsOf("packet");

/** Makes a column of a name, as of an interface. */
function named(
  id: "in" | "out" | "physIn" | "physOut",
  title: string,
  about: string,
  isShown = true,
): Column {
  return column({
    ...{ id, title, about, isShown },
    width: 5,
    grow: 1,
    cell: (row) => row[id],
    term: (row) =>
      row[id] === undefined ? undefined : nameTerm(id.toLowerCase() as "in" | "out", row[id]),
  });
}

/** Columns of packets. */
export const PACKET_COLUMNS: readonly Column[] = [
  column({
    id: "time",
    title: "Time",
    width: 0,
    cell: ({ time }) => <Time text={time} />,
  }),
  column({
    id: "way",
    title: "",
    name: "Way",
    about: "Way: in, out, forwarded or local",
    width: 2,
    cell: (row) => <Way {...row} />,
    term: ({ hook }) => typeof hook === "string" ? `hook ${hook}` : undefined,
  }),
  column({
    id: "action",
    title: "Action",
    width: 6,
    cell: (row) => actionOf(row),
    term: (row) => {
      const action = actionOf(row);
      return action === undefined ? undefined : `action ${action}`;
    },
  }),
  column({
    id: "prefix",
    title: "Prefix",
    about: "Prefix of the rule",
    width: 11,
    grow: 2,
    cell: ({ prefix }) => prefix?.trimEnd(),
    term: ({ prefix }) => prefix === undefined ? undefined : nameTerm("prefix", prefix),
  }),
  named("in", "In", "Interface that it came in by"),
  named("out", "Out", "Interface that it leaves by"),
  column({
    id: "protocol",
    title: "Protocol",
    width: 7,
    cell: ({ protocol }) => protocol,
    term: ({ protocol }) => protocol === undefined ? undefined : protocolTerm(protocol),
  }),
  column({
    id: "source",
    title: "Source",
    width: 15,
    grow: 4,
    cell: ({ source }) => source,
    term: ({ source }) => source === undefined ? undefined : addressTerm("src", source),
    address: ({ source }) => source,
  }),
  column({
    id: "sourcePort",
    spare: 3,
    title: "Port",
    name: "Source port",
    about: "Sender's port",
    width: 6,
    isNumber: true,
    cell: ({ sourcePort }) => sourcePort,
    term: ({ sourcePort }) => sourcePort === undefined ? undefined : portTerm("src", sourcePort),
  }),
  column({
    id: "destination",
    title: "Destination",
    width: 15,
    grow: 4,
    cell: ({ destination }) => destination,
    term: ({ destination }) =>
      destination === undefined ? undefined : addressTerm("dst", destination),
    address: ({ destination }) => destination,
  }),
  column({
    id: "destinationPort",
    title: "Port",
    name: "Destination port",
    about: "Receiver's port, or the message of ICMP",
    width: 11,
    grow: 1,
    cell: ({ destinationPort, icmp, icmpv6 }) =>
      destinationPort === undefined ? messageOf(icmp, false) ?? messageOf(icmpv6, true) : (
        <>
          {destinationPort}
          <span class="cell-service">{serviceOf(destinationPort)}</span>
        </>
      ),
    term: ({ destinationPort, icmp, icmpv6 }) =>
      destinationPort === undefined ? icmpTerm(icmp, icmpv6) : portTerm("dst", destinationPort),
  }),
  column({
    id: "flags",
    spare: 4,
    title: "Flags",
    about: "TCP flags: S SYN, A ACK, F FIN, R RST, P PSH, U URG; type and code of ICMP",
    width: 5,
    cell: ({ tcp, icmp, icmpv6 }) => {
      const message = icmp ?? icmpv6;
      return tcp ? flagLetters(tcp.flags) : message && `${message.type}/${message.code}`;
    },
    term: ({ tcp, icmp, icmpv6, ip }) =>
      tcp && ip?.version !== 6 ? `tcp[tcpflags] == ${tcp.flags}` : icmpTerm(icmp, icmpv6),
  }),
  column({
    id: "length",
    spare: 2,
    title: "Bytes",
    about: "Length in bytes, as the IP header states it",
    width: 5,
    isNumber: true,
    cell: ({ length }) => length === undefined ? undefined : count(length),
    term: ({ length }) => length === undefined ? undefined : `len == ${length}`,
  }),
  column({
    id: "uid",
    spare: 1,
    title: "User",
    about: "User id of the local socket's owner",
    width: 4,
    isNumber: true,
    cell: ({ uid }) => uid,
    term: ({ uid }) => uid === undefined ? undefined : `uid ${uid}`,
  }),
  column({
    id: "mark",
    title: "Mark",
    width: 8,
    isShown: false,
    isNumber: true,
    cell: ({ mark }) => mark === undefined ? undefined : hex(mark),
    term: ({ mark }) => mark === undefined ? undefined : `mark ${hex(mark)}`,
  }),
  column({
    id: "ttl",
    title: "TTL",
    about: "Time to live, or hop limit",
    width: 4,
    isShown: false,
    isNumber: true,
    cell: ({ ip }) => ip !== undefined && "hopLimit" in ip ? ip.hopLimit : undefined,
  }),
  named("physIn", "Bridge in", "Bridge port that it came in by", false),
  named("physOut", "Bridge out", "Bridge port that it leaves by", false),
  column({
    id: "hook",
    title: "Hook",
    width: 10,
    isShown: false,
    cell: ({ hook }) => hook,
    term: ({ hook }) => typeof hook === "string" ? `hook ${hook}` : undefined,
  }),
  column({
    id: "mac",
    title: "Hardware address",
    about: "Sender's Ethernet address",
    width: 18,
    isShown: false,
    cell: ({ ethernet }) => ethernet?.source,
    term: ({ ethernet }) => ethernet?.source && addressTerm("src", ethernet.source),
  }),
  column({
    id: "host",
    title: "Host",
    about: "Host that logged it",
    width: 9,
    grow: 1,
    isShown: false,
    cell: ({ host }) => host,
  }),
  column({
    id: "capture",
    title: "Capture",
    about: "Source that took it",
    width: 9,
    grow: 1,
    isShown: false,
    cell: ({ capture }) => capture,
    term: ({ capture }) => capture === undefined ? undefined : nameTerm("capture", capture),
  }),
];

/** Header of ICMP or ICMPv6, as far as it names a message. */
type Message = { type: number; code: number } | undefined;

function messageOf(message: Message, isIpv6: boolean): string | undefined {
  return message && icmpMessage(isIpv6, message.type, message.code);
}

function icmpTerm(icmp: Message, icmpv6: Message): string | undefined {
  if (icmp) return `icmp[icmptype] == ${icmp.type}`;
  return icmpv6 && `icmp6[icmp6type] == ${icmpv6.type}`;
}

/** Shows the way of a packet by the interfaces that it has. */
function Way({ in: input, out }: { in?: string; out?: string }): JSX.Element {
  const [icon, about]: [IconName, string] = input !== undefined
    ? out !== undefined ? ["through", "forwarded"] : ["incoming", "in"]
    : out !== undefined
    ? ["outgoing", "out"]
    : ["local", "local"];
  return (
    <span class="way" role="img" aria-label={about} title={about}>
      <Icon name={icon} />
    </span>
  );
}
