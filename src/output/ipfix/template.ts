/**
 * Templates (RFC 7011 section 3.4.1): the fields of a data record follow from the bits of its
 * template's identifier, so that encoder and writer agree without a word between them.
 */

import { writeBe16, writeBe32 } from "../../bytes/write.ts";

/** First identifier of a template (RFC 7011 section 3.4.1). */
export const TEMPLATE_MIN = 256;
/** Set of templates (RFC 7011 section 3.3.2). */
export const TEMPLATE_SET = 2;
/** Bytes of the header of a set. */
export const SET_HEADER = 4;
/** Private enterprise number of reverse information elements (RFC 5103 section 6.1). */
const REVERSE_PEN = 29305;
const ENTERPRISE_BIT = 0x8000;

/** Bits of a template's identifier, above {@linkcode TEMPLATE_MIN}. */
export const IPV6 = 1;
/** Ports, or type and code of ICMP. */
export const PORTS = 1 << 1;
export const ICMP = 1 << 2;
/** Addresses after translation, and ports where there are some. */
export const NAT = 1 << 3;
/** An event, which has a time but no end: the beginning or a change of the flow. */
export const EVENT = 1 << 4;
/** An event that is the beginning or end of a translation. */
export const NAT_EVENT = 1 << 5;
/** Counters of both directions: since the record before, or with TOTALS since the start. */
export const COUNTERS = 1 << 6;
export const REVERSE = 1 << 7;
export const TOTALS = 1 << 8;
export const START = 1 << 9;
export const END_REASON = 1 << 10;
export const ID = 1 << 11;
export const ZONE = 1 << 12;
/** Unit of times, 0 to 2: milliseconds, microseconds, nanoseconds. */
export const UNIT_SHIFT = 13;
const BITS = 1 << 15;

/** Units of times, by their number. */
export const TIME_UNITS = ["milliseconds", "microseconds", "nanoseconds"] as const;

/** Information element (IANA, IP Flow Information Export Entities), and its bytes in a record. */
export interface Field {
  /** Identifier. */
  id: number;
  /** Name. */
  name: string;
  /** Bytes. */
  length: number;
  /** Whether it is of the direction of answers (RFC 5103). */
  isReverse: boolean;
}

/** Template of data records. */
export interface Template {
  /** Identifier, which is also that of sets of its records. */
  id: number;
  /** Its fields, in order. */
  fields: readonly Field[];
  /** Bytes of a data record. */
  length: number;
  /** The template record. */
  bytes: Uint8Array;
}

const field = (id: number, name: string, length: number, isReverse = false): Field => ({
  ...{ id, name, length, isReverse },
});

/** Elements with times, by unit. */
const STARTS = [
  field(152, "flowStartMilliseconds", 8),
  field(154, "flowStartMicroseconds", 8),
  field(156, "flowStartNanoseconds", 8),
];
const ENDS = [
  field(153, "flowEndMilliseconds", 8),
  field(155, "flowEndMicroseconds", 8),
  field(157, "flowEndNanoseconds", 8),
];
const OBSERVATIONS = [
  field(323, "observationTimeMilliseconds", 8),
  field(324, "observationTimeMicroseconds", 8),
  field(325, "observationTimeNanoseconds", 8),
];

/** Returns the fields of records with some bits, in the order in which the encoder writes them. */
function fieldsOf(bits: number): Field[] {
  const unit = bits >> UNIT_SHIFT;
  const has = (bit: number) => (bits & bit) !== 0;
  const when = (bit: number, ...fields: Field[]) => has(bit) ? fields : [];
  const counters = (isReverse: boolean) =>
    has(TOTALS)
      ? [
        field(85, "octetTotalCount", 8, isReverse),
        field(86, "packetTotalCount", 8, isReverse),
      ]
      : [field(1, "octetDeltaCount", 8, isReverse), field(2, "packetDeltaCount", 8, isReverse)];
  return [
    ...has(IPV6)
      ? [field(27, "sourceIPv6Address", 16), field(28, "destinationIPv6Address", 16)]
      : [field(8, "sourceIPv4Address", 4), field(12, "destinationIPv4Address", 4)],
    ...when(PORTS, field(7, "sourceTransportPort", 2), field(11, "destinationTransportPort", 2)),
    ...when(
      ICMP,
      has(IPV6) ? field(139, "icmpTypeCodeIPv6", 2) : field(32, "icmpTypeCodeIPv4", 2),
    ),
    field(4, "protocolIdentifier", 1),
    ...when(START, STARTS[unit]!),
    has(EVENT) ? OBSERVATIONS[unit]! : ENDS[unit]!,
    ...when(END_REASON, field(136, "flowEndReason", 1)),
    ...has(EVENT) && !has(NAT_EVENT) ? [field(233, "firewallEvent", 1)] : [],
    ...when(COUNTERS, ...counters(false)),
    ...when(REVERSE, ...counters(true)),
    ...when(
      NAT,
      ...has(IPV6)
        ? [
          field(281, "postNATSourceIPv6Address", 16),
          field(282, "postNATDestinationIPv6Address", 16),
        ]
        : [
          field(225, "postNATSourceIPv4Address", 4),
          field(226, "postNATDestinationIPv4Address", 4),
        ],
      ...when(
        PORTS,
        field(227, "postNAPTSourceTransportPort", 2),
        field(228, "postNAPTDestinationTransportPort", 2),
      ),
    ),
    ...when(NAT_EVENT, field(230, "natEvent", 1)),
    // 64 bits by definition, of which the kernel has 32 (RFC 7011 section 6.2).
    ...when(ID, field(148, "flowId", 4)),
    ...when(ZONE, field(234, "ingressVRFID", 4)),
  ];
}

/** Returns a template record. */
function templateRecord(id: number, fields: readonly Field[]): Uint8Array {
  const reverse = fields.filter(({ isReverse }) => isReverse).length;
  const bytes = new Uint8Array(4 + 4 * fields.length + 4 * reverse);
  writeBe16(bytes, 0, id);
  writeBe16(bytes, 2, fields.length);
  let at = 4;
  for (const { id, length, isReverse } of fields) {
    writeBe16(bytes, at, isReverse ? id | ENTERPRISE_BIT : id);
    writeBe16(bytes, at + 2, length);
    at += 4;
    if (!isReverse) continue;
    writeBe32(bytes, at, REVERSE_PEN);
    at += 4;
  }
  return bytes;
}

const known = new Map<number, Template>();

/**
 * Returns a template.
 *
 * @param id Its identifier.
 * @returns The template; undefined if no data record has this one.
 */
export function templateOf(id: number): Template | undefined {
  const bits = id - TEMPLATE_MIN;
  const isPossible = bits >= 0 && bits < BITS && bits >> UNIT_SHIFT < TIME_UNITS.length &&
    (bits & (PORTS | ICMP)) !== (PORTS | ICMP);
  if (!isPossible) return undefined;
  const template = known.get(id);
  if (template !== undefined) return template;
  const fields = fieldsOf(bits);
  const length = fields.reduce((sum, field) => sum + field.length, 0);
  const made = { id, fields, length, bytes: templateRecord(id, fields) };
  known.set(id, made);
  return made;
}
