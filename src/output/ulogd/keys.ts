/**
 * Keys of ulogd 2.0.8 for a packet of NFLOG, in the order in which its outputs print them: those of
 * NFLOG, then those of each plugin of the stack.
 */

import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import type { InterfaceNames } from "../interface_names.ts";
import { writeHeaders, writeLateHeaders } from "./base_keys.ts";
import { UlogdHeaders } from "./headers.ts";
import { Key, type KeyFormat } from "./key.ts";
import type { KeyOptions } from "./options.ts";
import { isStamped } from "./second_text.ts";

/** `ARPHRD_*` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;
const ARPHRD_VOID = 0xffff;
const ETHERNET_HEADER = 14;
const ETHERNET_ADDRESS = 6;

const RAW_MAC = new Key("raw.mac");
const RAW_PKT = new Key("raw.pkt");
const RAW_PKTLEN = new Key("raw.pktlen");
const RAW_PKTCOUNT = new Key("raw.pktcount");
const OOB_PREFIX = new Key("oob.prefix");
const OOB_TIME_SEC = new Key("oob.time.sec");
const OOB_TIME_USEC = new Key("oob.time.usec");
const OOB_MARK = new Key("oob.mark");
const OOB_IFINDEX_IN = new Key("oob.ifindex_in");
const OOB_IFINDEX_OUT = new Key("oob.ifindex_out");
const OOB_HOOK = new Key("oob.hook");
const RAW_MAC_LEN = new Key("raw.mac_len");
const OOB_SEQ_LOCAL = new Key("oob.seq.local");
const OOB_SEQ_GLOBAL = new Key("oob.seq.global");
const OOB_FAMILY = new Key("oob.family");
const OOB_PROTOCOL = new Key("oob.protocol");
const OOB_UID = new Key("oob.uid");
const OOB_GID = new Key("oob.gid");
/** Label of all packets of a group; formats may print another key in its place. */
export const RAW_LABEL: Key = new Key("raw.label");
const RAW_TYPE = new Key("raw.type");
const RAW_MAC_SADDR = new Key("raw.mac.saddr");
const RAW_MAC_ADDRLEN = new Key("raw.mac.addrlen");
const RAW = new Key("raw");
const OOB_IN = new Key("oob.in");
const OOB_OUT = new Key("oob.out");
const IP_SADDR_STR = new Key("ip.saddr.str", "src_ip");
const IP_DADDR_STR = new Key("ip.daddr.str", "dest_ip");
const ARP_SADDR_STR = new Key("arp.saddr.str");
const ARP_DADDR_STR = new Key("arp.daddr.str");
const MAC_SADDR_STR = new Key("mac.saddr.str");
const MAC_DADDR_STR = new Key("mac.daddr.str");
const MAC_STR = new Key("mac.str");

/** The most bytes of a packet's keys besides prefix, link addresses and names, in any format. */
const KEYS_MAX = 2048;
/** The most bytes of a byte of a link address, which is printed twice. */
const HARDWARE_MAX = 6;

/** Treatment of keys that two plugins set. */
export type Repetition = "each" | "last value at the first place";

/** Writes the keys of packets. */
export class UlogdKeys {
  readonly #format: KeyFormat;
  readonly #names: InterfaceNames<Uint8Array>;
  readonly #isOnce: boolean;
  readonly #label: number;
  readonly #hasLocal: boolean;
  readonly #hasGlobal: boolean;
  readonly #hasBase: boolean;
  readonly #hasNames: boolean;
  readonly #hasText: boolean;
  readonly #hasHardware: boolean;
  readonly #headers = new UlogdHeaders();
  /** Names of the packet's interfaces. */
  #in: Uint8Array = new Uint8Array(0);
  #out: Uint8Array = new Uint8Array(0);

  /**
   * Chooses the keys.
   *
   * @param options The keys.
   * @param format Prints them.
   * @param names Names of interfaces, encoded for the format; that of an unknown one is empty.
   * @param repetition Treatment of keys that two plugins set.
   */
  constructor(
    { plugins, sequence, label }: KeyOptions,
    format: KeyFormat,
    names: InterfaceNames<Uint8Array>,
    repetition: Repetition,
  ) {
    this.#format = format;
    this.#names = names;
    this.#isOnce = repetition !== "each";
    this.#label = label;
    this.#hasLocal = sequence.includes("local");
    this.#hasGlobal = sequence.includes("global");
    this.#hasBase = plugins.includes("BASE");
    this.#hasNames = plugins.includes("IFINDEX");
    this.#hasText = plugins.includes("IP2STR");
    this.#hasHardware = plugins.includes("HWHDR");
  }

  /**
   * Begins a packet, whose keys {@linkcode write} writes.
   *
   * @param escaped The most bytes of a byte of its prefix.
   * @returns The most bytes that its keys take.
   */
  begin(packet: RawPacket, escaped: number): number {
    const { interfaces } = packet;
    this.#in = this.#names.get(interfaces, packet.inDev);
    this.#out = this.#names.get(interfaces, packet.outDev);
    const links = Math.max(0, packet.hwHeaderLength) + Math.max(0, packet.hwAddressLength);
    return KEYS_MAX + Math.max(0, packet.prefixLength) * escaped + links * HARDWARE_MAX +
      this.#in.length + this.#out.length;
  }

  /** Writes the keys of the packet that was begun. */
  write(packet: RawPacket): void {
    const format = this.#format;
    this.#input(packet);
    if (this.#hasBase) this.#base(packet);
    if (this.#hasNames) {
      format.name(OOB_IN, this.#in);
      format.name(OOB_OUT, this.#out);
    }
    if (this.#hasText && this.#hasBase) this.#addresses(packet);
    if (this.#hasHardware) this.#hardware(packet);
  }

  /** Writes the keys of the plugin NFLOG. */
  #input(packet: RawPacket): void {
    const format = this.#format;
    const hasHeader = packet.hwHeaderLength > 0;
    const hasAddress = packet.hwAddressLength !== ABSENT;
    if (hasHeader) format.pointer(RAW_MAC);
    if (packet.payloadLength !== ABSENT) {
      format.pointer(RAW_PKT);
      format.number(RAW_PKTLEN, packet.payloadLength);
    }
    format.number(RAW_PKTCOUNT, 1);
    if (packet.prefixLength !== ABSENT) {
      format.prefix(OOB_PREFIX, packet.bytes, packet.prefixOffset, packet.prefixLength);
    }
    const isOwnTime = isStamped(packet);
    const nanoseconds = isOwnTime ? packet.nanoseconds : packet.receivedNanoseconds;
    // An unsigned number of 32 bits in ulogd.
    format.number(OOB_TIME_SEC, (isOwnTime ? packet.seconds : packet.receivedSeconds) >>> 0);
    format.number(OOB_TIME_USEC, (nanoseconds / 1000) | 0);
    format.number(OOB_MARK, packet.mark === ABSENT ? 0 : packet.mark);
    if (packet.inDev > 0) format.number(OOB_IFINDEX_IN, packet.inDev);
    if (packet.outDev > 0) format.number(OOB_IFINDEX_OUT, packet.outDev);
    if (packet.hook !== ABSENT) format.number(OOB_HOOK, packet.hook);
    if (hasHeader) format.number(RAW_MAC_LEN, packet.hwHeaderLength);
    if (this.#hasLocal && packet.seq !== ABSENT) format.number(OOB_SEQ_LOCAL, packet.seq);
    if (this.#hasGlobal && packet.seqGlobal !== ABSENT) {
      format.number(OOB_SEQ_GLOBAL, packet.seqGlobal);
    }
    format.number(OOB_FAMILY, packet.family === ABSENT ? 0 : packet.family);
    if (packet.hwProtocol !== ABSENT) format.number(OOB_PROTOCOL, this.#firstProtocol(packet));
    if (packet.uid !== ABSENT) format.number(OOB_UID, packet.uid);
    if (packet.gid !== ABSENT) format.number(OOB_GID, packet.gid);
    format.number(RAW_LABEL, this.#label);
    if (hasHeader) format.number(RAW_TYPE, typeOf(packet));
    if (hasAddress) {
      format.pointer(RAW_MAC_SADDR);
      format.number(RAW_MAC_ADDRLEN, packet.hwAddressLength);
    }
    format.pointer(RAW);
  }

  #base(packet: RawPacket): void {
    const { bytes, payloadOffset } = packet;
    const headers = this.#headers;
    headers.find(packet);
    writeHeaders(this.#format, headers, bytes, payloadOffset);
    if (!this.#isOnce || packet.hwProtocol === ABSENT) {
      const protocol = this.#isOnce ? this.#firstProtocol(packet) : packet.hwProtocol;
      this.#format.number(OOB_PROTOCOL, Math.max(0, protocol));
    }
    writeLateHeaders(this.#format, headers, bytes, payloadOffset);
  }

  #addresses({ bytes, payloadOffset: at }: RawPacket): void {
    const format = this.#format;
    switch (this.#headers.network) {
      case "ipv4":
        format.ipv4(IP_SADDR_STR, bytes, at + 12);
        format.ipv4(IP_DADDR_STR, bytes, at + 16);
        break;
      case "ipv6":
        format.ipv6(IP_SADDR_STR, bytes, at + 8);
        format.ipv6(IP_DADDR_STR, bytes, at + 24);
        break;
      case "arp":
        format.ipv4(ARP_SADDR_STR, bytes, at + 14);
        format.ipv4(ARP_DADDR_STR, bytes, at + 24);
    }
  }

  /** Writes the keys of the plugin HWHDR. */
  #hardware(packet: RawPacket): void {
    const format = this.#format;
    const { bytes, hwHeaderOffset: at, hwHeaderLength: length } = packet;
    const hasHeader = length > 0;
    const hasAddress = packet.hwAddressLength !== ABSENT;
    if (hasHeader ? !this.#isOnce : hasAddress) {
      format.number(RAW_TYPE, hasHeader ? typeOf(packet) : ARPHRD_VOID);
    }
    if (!this.#isOnce) format.number(OOB_PROTOCOL, Math.max(0, lastProtocol(packet)));
    if (hasAddress) {
      format.hardware(MAC_SADDR_STR, bytes, packet.hwAddressOffset, packet.hwAddressLength);
    } else if (isEthernet(packet)) {
      format.hardware(MAC_SADDR_STR, bytes, at + ETHERNET_ADDRESS, ETHERNET_ADDRESS);
    }
    if (isEthernet(packet)) format.hardware(MAC_DADDR_STR, bytes, at, ETHERNET_ADDRESS);
    if (hasHeader) format.hardware(MAC_STR, bytes, at, length);
  }

  /** Returns the value of the first `oob.protocol`. */
  #firstProtocol(packet: RawPacket): number {
    return this.#isOnce && this.#hasHardware ? lastProtocol(packet) : packet.hwProtocol;
  }
}

/** Returns the type of the link header; 0 if the kernel did not provide it. */
function typeOf({ hwType }: RawPacket): number {
  return hwType === ABSENT ? 0 : hwType;
}

function isEthernet(packet: RawPacket): boolean {
  return packet.hwHeaderLength >= ETHERNET_HEADER && typeOf(packet) === ARPHRD_ETHER;
}

/** Returns the protocol that HWHDR sets: that of an Ethernet header, which may be a VLAN's. */
function lastProtocol(packet: RawPacket): number {
  return isEthernet(packet)
    ? readBe16(packet.bytes, packet.hwHeaderOffset + 2 * ETHERNET_ADDRESS)
    : packet.hwProtocol;
}
