/** Columns of the flows tab, in the table that packets have, too. */

import type { ComponentChildren } from "preact";
import type { StructuredFlow } from "../../../flow/structured.ts";
import { addressTerm, nameTerm, portTerm, protocolTerm, quotedName } from "../search/terms.ts";
import { type Column, columnsOf } from "../table/column.ts";
import { Time } from "../table/time.tsx";
import { bytes, count, hex } from "../text/format.ts";
import { icmpMessage } from "../text/icmp.ts";
import { serviceOf } from "../text/services.ts";

const column = columnsOf("flow");

/** Makes a column of packets or bytes, those of the sender and those of the receiver. */
function counters(id: "packets" | "bytes", title: string): Column {
  const text = id === "packets" ? count : bytes;
  const part = (value: number | undefined) => value === undefined ? "–" : text(value);
  return column({
    id,
    title,
    about: `${title} of the sender, and of the receiver`,
    width: id === "packets" ? 11 : 16,
    isNumber: true,
    cell: ({ original, reply }) =>
      original[id] === undefined && reply?.[id] === undefined
        ? undefined
        : `${part(original[id])} / ${part(reply?.[id])}`,
    term: ({ original, reply }) => {
      const sum = (original[id] ?? 0) + (reply?.[id] ?? 0);
      return sum === 0 ? undefined : `${id} >= ${sum}`;
    },
  });
}

/** Columns of flows. */
export const FLOW_COLUMNS: readonly Column[] = [
  column({
    id: "time",
    title: "Time",
    width: 0,
    cell: ({ time }) => <Time text={time} />,
  }),
  column({
    id: "event",
    spare: 1,
    title: "Event",
    about: "Reason of the record: new, update, destroy, interim or inferred",
    width: 7,
    cell: ({ event }) => event,
    term: ({ event }) => `event ${event}`,
  }),
  column({
    id: "state",
    spare: 2,
    title: "State",
    about: "State of TCP, SCTP or DCCP, or whether there was an answer",
    width: 10,
    cell: (flow) => stateOf(flow),
    term: ({ state, status }) =>
      state !== undefined
        ? `state ${state.toLowerCase()}`
        : status === undefined
        ? undefined
        : status.includes("seenReply")
        ? "status seenreply"
        : "status unreplied",
  }),
  column({
    id: "protocol",
    title: "Protocol",
    width: 7,
    cell: ({ protocol }) => protocol,
    term: ({ protocol }) => protocolTerm(protocol),
  }),
  column({
    id: "source",
    title: "Source",
    about: "Sender of the first packet",
    width: 15,
    grow: 4,
    cell: ({ original }) => original.source,
    term: ({ original }) => addressTerm("src", original.source),
    address: ({ original }) => original.source,
  }),
  column({
    id: "sourcePort",
    spare: 4,
    title: "Port",
    about: "Sender's port",
    width: 6,
    isNumber: true,
    cell: ({ original }) => original.sourcePort ?? original.icmpId,
    term: ({ original: { sourcePort } }) =>
      sourcePort === undefined ? undefined : portTerm("src", sourcePort),
  }),
  column({
    id: "destination",
    title: "Destination",
    about: "Receiver of the first packet",
    width: 15,
    grow: 4,
    cell: ({ original }) => original.destination,
    term: ({ original }) => addressTerm("dst", original.destination),
    address: ({ original }) => original.destination,
  }),
  column({
    id: "destinationPort",
    title: "Port",
    about: "Receiver's port, or the message of ICMP",
    width: 10,
    grow: 1,
    cell: ({ original: { destinationPort, icmpType, icmpCode, destination } }) =>
      destinationPort === undefined
        ? icmpType === undefined
          ? undefined
          : icmpMessage(destination.includes(":"), icmpType, icmpCode)
        : (
          <>
            {destinationPort}
            <span class="cell-service">{serviceOf(destinationPort)}</span>
          </>
        ),
    term: ({ original: { destinationPort } }) =>
      destinationPort === undefined ? undefined : portTerm("dst", destinationPort),
  }),
  counters("packets", "Packets"),
  counters("bytes", "Bytes"),
  column({
    id: "duration",
    spare: 3,
    title: "Lasted",
    about: "Time from the first packet to the end",
    width: 10,
    isNumber: true,
    cell: (flow) => flow.duration === undefined ? undefined : lasted(flow.duration),
    term: (flow) =>
      flow.duration === undefined ? undefined : `duration >= ${Math.floor(flow.duration)}`,
  }),
  column({
    id: "nat",
    title: "NAT",
    about: "Addresses and ports that stand for the sender's or the receiver's",
    width: 22,
    grow: 2,
    cell: ({ nat }) => nat && <Nat {...nat} />,
    term: ({ nat }) =>
      nat && (nat.source !== undefined || nat.sourcePort !== undefined ? "snat" : "dnat"),
    address: ({ nat }) => nat?.source ?? nat?.destination,
  }),
  column({
    id: "mark",
    title: "Mark",
    about: "Mark of the flow (ct mark)",
    width: 7,
    isShown: false,
    isNumber: true,
    cell: ({ mark }) => mark === undefined ? undefined : hex(mark),
    term: ({ mark }) => mark === undefined ? undefined : `mark ${hex(mark)}`,
  }),
  column({
    id: "zone",
    title: "Zone",
    about: "Zone of connection tracking (ct zone)",
    width: 5,
    isShown: false,
    isNumber: true,
    cell: ({ zone }) => zone,
    term: ({ zone }) => zone === undefined ? undefined : `zone ${zone}`,
  }),
  column({
    id: "helper",
    title: "Helper",
    about: "Helper that follows the protocol, as in ftp",
    width: 7,
    isShown: false,
    cell: ({ helper }) => helper,
    term: ({ helper }) => helper && `helper ${quotedName(helper)}`,
  }),
  column({
    id: "host",
    title: "Host",
    about: "Host that tracked the flow",
    width: 9,
    grow: 1,
    isShown: false,
    cell: ({ host }) => host,
  }),
  column({
    id: "capture",
    title: "Capture",
    about: "Source that took the record",
    width: 9,
    grow: 1,
    isShown: false,
    cell: ({ capture }) => capture,
    term: ({ capture }) => capture && nameTerm("capture", capture),
  }),
];

/** Returns the state of a flow in the protocol's own words, else whether it was answered. */
export function stateOf({ state, status }: StructuredFlow): string | undefined {
  if (state !== undefined || status === undefined) return state;
  return status.includes("seenReply") ? "answered" : "no answer";
}

/** Writes a duration in its two largest units, as in `1 m 48 s`. */
export function lasted(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const units = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]] as const;
  const first = units.findIndex(([, length]) => whole >= length);
  const [[unit, length], [next, part]] = units.slice(first) as unknown as typeof units;
  return `${Math.floor(whole / length)} ${unit} ${Math.floor(whole % length / part)} ${next}`;
}

/** Shows the other ends of a translation, as in `→ 198.51.100.7:61000`. */
function Nat(
  { source, sourcePort, destination, destinationPort }: NonNullable<StructuredFlow["nat"]>,
): ComponentChildren {
  const parts = [
    ["as", source, sourcePort, "stands for the sender"],
    ["to", destination, destinationPort, "stands for the receiver"],
  ] as const;
  return parts.filter(([, address, port]) => address !== undefined || port !== undefined)
    .map(([word, address = "", port, about]) => (
      <span class="flows-nat" key={word} title={about}>
        <span class="flows-word">{word}</span> {address}
        {port === undefined ? "" : `:${port}`}
      </span>
    ));
}
