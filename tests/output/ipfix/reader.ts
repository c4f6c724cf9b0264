/**
 * A collector of IPFIX for tests (RFC 7011): it knows nothing but the templates that it gets.
 *
 * @module
 */

/** Information elements of IANA's registry by number, each with its name and its kind. */
const ELEMENTS: Readonly<Record<number, readonly [name: string, kind: Kind]>> = {
  1: ["octetDeltaCount", "unsigned"],
  2: ["packetDeltaCount", "unsigned"],
  4: ["protocolIdentifier", "unsigned"],
  7: ["sourceTransportPort", "unsigned"],
  8: ["sourceIPv4Address", "address"],
  11: ["destinationTransportPort", "unsigned"],
  12: ["destinationIPv4Address", "address"],
  27: ["sourceIPv6Address", "address"],
  28: ["destinationIPv6Address", "address"],
  32: ["icmpTypeCodeIPv4", "unsigned"],
  85: ["octetTotalCount", "unsigned"],
  86: ["packetTotalCount", "unsigned"],
  136: ["flowEndReason", "unsigned"],
  139: ["icmpTypeCodeIPv6", "unsigned"],
  148: ["flowId", "unsigned"],
  152: ["flowStartMilliseconds", "unsigned"],
  153: ["flowEndMilliseconds", "unsigned"],
  154: ["flowStartMicroseconds", "ntp"],
  155: ["flowEndMicroseconds", "ntp"],
  156: ["flowStartNanoseconds", "ntp"],
  157: ["flowEndNanoseconds", "ntp"],
  225: ["postNATSourceIPv4Address", "address"],
  226: ["postNATDestinationIPv4Address", "address"],
  227: ["postNAPTSourceTransportPort", "unsigned"],
  228: ["postNAPTDestinationTransportPort", "unsigned"],
  230: ["natEvent", "unsigned"],
  233: ["firewallEvent", "unsigned"],
  234: ["ingressVRFID", "unsigned"],
  281: ["postNATSourceIPv6Address", "address"],
  282: ["postNATDestinationIPv6Address", "address"],
  323: ["observationTimeMilliseconds", "unsigned"],
  324: ["observationTimeMicroseconds", "ntp"],
  325: ["observationTimeNanoseconds", "ntp"],
};
type Kind = "unsigned" | "address" | "ntp";

/** Values of a data record by the names of their elements; times of NTP are nanoseconds. */
export type Values = Readonly<Record<string, number | bigint | string>>;

/** A message. */
export interface Message {
  exportTime: number;
  sequence: number;
  observationDomain: number;
  /** Identifiers of the templates that it holds. */
  templates: number[];
  records: Values[];
}

interface Field {
  name: string;
  kind: Kind;
  length: number;
}

/** Collects messages of one session. */
export class IpfixReader {
  readonly #templates = new Map<number, Field[]>();

  /**
   * Reads messages that lie one after the other, as in a stream.
   *
   * @throws {Error} If they are not as the RFC has them.
   */
  readAll(bytes: Uint8Array): Message[] {
    const messages: Message[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = bytes[at + 2]! << 8 | bytes[at + 3]!;
      messages.push(this.read(bytes.subarray(at, at + length)));
      at += length;
    }
    return messages;
  }

  /** Reads one message. */
  read(bytes: Uint8Array): Message {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(0) !== 10) throw new Error(`version ${view.getUint16(0)}`);
    if (view.getUint16(2) !== bytes.length) throw new Error("the length is another one");
    const message: Message = {
      exportTime: view.getUint32(4),
      sequence: view.getUint32(8),
      observationDomain: view.getUint32(12),
      templates: [],
      records: [],
    };
    for (let at = 16; at < bytes.length;) {
      const id = view.getUint16(at);
      const length = view.getUint16(at + 2);
      if (length < 5 || at + length > bytes.length) throw new Error(`a set of ${length} bytes`);
      const set = new DataView(bytes.buffer, bytes.byteOffset + at + 4, length - 4);
      if (id === 2) this.#readTemplates(set, message);
      else this.#readRecords(id, set, message);
      at += length;
    }
    return message;
  }

  #readTemplates(set: DataView, message: Message): void {
    for (let at = 0; at < set.byteLength;) {
      const id = set.getUint16(at);
      if (id < 256) throw new Error(`template ${id}`);
      const fields: Field[] = [];
      const count = set.getUint16(at + 2);
      at += 4;
      for (let n = 0; n < count; n++) {
        const element = set.getUint16(at);
        const length = set.getUint16(at + 2);
        at += 4;
        let prefix = "";
        if (element & 0x8000) {
          if (set.getUint32(at) !== 29305) throw new Error(`enterprise ${set.getUint32(at)}`);
          prefix = "reverse ";
          at += 4;
        }
        const known = ELEMENTS[element & 0x7fff];
        if (known === undefined) throw new Error(`element ${element & 0x7fff}`);
        fields.push({ name: prefix + known[0], kind: known[1], length });
      }
      if (new Set(fields.map(({ name }) => name)).size < count) throw new Error("a field twice");
      this.#templates.set(id, fields);
      message.templates.push(id);
    }
  }

  #readRecords(id: number, set: DataView, message: Message): void {
    const fields = this.#templates.get(id);
    if (fields === undefined) throw new Error(`no template ${id}`);
    const size = fields.reduce((sum, { length }) => sum + length, 0);
    if (set.byteLength % size !== 0) throw new Error("a record is cut");
    for (let at = 0; at < set.byteLength;) {
      const values: Record<string, number | bigint | string> = {};
      for (const { name, kind, length } of fields) {
        values[name] = VALUES[kind](
          new Uint8Array(set.buffer, set.byteOffset + at, length),
        );
        at += length;
      }
      message.records.push(values);
    }
  }
}

const VALUES: Readonly<Record<Kind, (bytes: Uint8Array) => number | bigint | string>> = {
  unsigned(bytes) {
    const value = unsigned(bytes);
    return value > Number.MAX_SAFE_INTEGER ? value : Number(value);
  },
  address: (bytes) =>
    bytes.length === 4
      ? bytes.join(".")
      : new URL(`http://[${bytes.toHex().replace(/.{4}(?=.)/g, "$&:")}]`).hostname.slice(1, -1),
  ntp(bytes) {
    const value = unsigned(bytes);
    const seconds = (value >> 32n) - 2_208_988_800n;
    return seconds * 1_000_000_000n + ((value & 0xffff_ffffn) * 1_000_000_000n >> 32n);
  },
};

function unsigned(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex()}`);
}
