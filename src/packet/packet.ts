/**
 * A packet as programs and filters see it.
 *
 * @module
 */

import { findLayers } from "./find_layers.ts";
import { StalePacketError } from "../errors.ts";
import { partOf } from "../bytes/memory.ts";
import { hardwareText } from "./address.ts";
import { describe } from "./describe.ts";
import { type EthernetHeader, ethernetOf, vlansOf, type VlanTag, vlanTag } from "./ethernet.ts";
import type { Interface } from "./interface.ts";
import { originalLength } from "./ip.ts";
import type { Layers } from "./layers.ts";
import { findLayersBy, PacketHeaders } from "./packet_headers.ts";
import type { RawPacket } from "./raw_packet.ts";
import { ABSENT } from "./absent.ts";
import { factsOf, structured, type StructuredPacket } from "./structured.ts";

/** Keeps a byte order mark, which is as good as any other character in a prefix. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * One logged packet: what the kernel told about it, and its headers, decoded
 * when asked for. What the kernel did not send is `undefined`, never 0. Headers
 * and payload are views of the packet's memory and last as long as the packet.
 *
 * @example Reading a packet
 * ```ts
 * import type { Packet } from "nfscribe";
 *
 * function isHttps(packet: Packet): boolean {
 *   return packet.tcp?.destinationPort === 443;
 * }
 * console.log(isHttps.name);
 * ```
 */
export class Packet {
  // Private by name: a filter must not reach the memory that threads share.
  readonly #raw: RawPacket;
  readonly #generation: number;
  #layers: Layers | undefined;

  static {
    findLayersBy((packet) => #raw in packet ? Packet.#layersOf(packet) : undefined);
  }

  /** Wraps what a decoder filled in. */
  constructor(raw: RawPacket) {
    this.#raw = raw;
    this.#generation = raw.generation;
  }

  /**
   * What a decoder filled in, for encoders.
   *
   * @throws {StalePacketError} If the memory holds another packet by now.
   */
  static rawOf(packet: Packet): RawPacket {
    const raw = packet.#raw;
    if (raw.generation !== packet.#generation) throw new StalePacketError();
    return raw;
  }

  /** Where the headers are, found when first asked for. */
  static #layersOf(packet: Packet): Layers {
    const raw = Packet.rawOf(packet);
    return packet.#layers ??= findLayers(raw);
  }

  /** The text that the rule attaches (`--nflog-prefix`, `log prefix`); empty where it attaches none. */
  get prefix(): string | undefined {
    const raw = Packet.rawOf(this);
    if (raw.prefixLength === ABSENT) return undefined;
    return UTF8.decode(bytesOf(raw.bytes, raw.prefixOffset, raw.prefixLength));
  }

  /** Netfilter family: 2 IPv4, 3 ARP, 5 netdev, 7 bridge, 10 IPv6 (`NFPROTO_*`, linux/netfilter.h). */
  get family(): number | undefined {
    return present(Packet.rawOf(this).family);
  }

  /** EtherType of the payload, as in 0x0800; 0x8864 or 0x8847 where it begins with PPPoE or MPLS. */
  get hwProtocol(): number | undefined {
    return present(Packet.rawOf(this).hwProtocol);
  }

  /** The hook: for IP 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting (`NF_INET_*`, linux/netfilter.h). */
  get hook(): number | undefined {
    return present(Packet.rawOf(this).hook);
  }

  /** The packet mark; absent where it is 0, which the kernel does not send. */
  get mark(): number | undefined {
    return present(Packet.rawOf(this).mark);
  }

  /** The interface that the packet came in by. */
  get inDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.inDev);
  }

  /** The interface that the packet leaves by. */
  get outDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.outDev);
  }

  /** The bridge port that the packet came in by. */
  get physInDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.physInDev);
  }

  /** The bridge port that the packet leaves by. */
  get physOutDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.physOutDev);
  }

  /** User id of the local socket's owner. */
  get uid(): number | undefined {
    return present(Packet.rawOf(this).uid);
  }

  /** Group id of the local socket's owner. */
  get gid(): number | undefined {
    return present(Packet.rawOf(this).gid);
  }

  /** The packet's number in its group, from 0: a gap is a loss. */
  get seq(): number | undefined {
    return present(Packet.rawOf(this).seq);
  }

  /** The packet's number among all groups of its network namespace, from 1. */
  get seqGlobal(): number | undefined {
    return present(Packet.rawOf(this).seqGlobal);
  }

  /** The kernel's time stamp, in microseconds (not milliseconds) since the Unix epoch; it makes none for output and postrouting. */
  get timestamp(): number | undefined {
    const { seconds, nanoseconds } = Packet.rawOf(this);
    return seconds === ABSENT ? undefined : microseconds(seconds, nanoseconds);
  }

  /**
   * The kernel's time stamp, else the time of receipt, in microseconds since the Unix epoch;
   * `Date` takes milliseconds: `new Date(packet.time / 1000)`.
   */
  get time(): number {
    const { receivedSeconds, receivedNanoseconds } = Packet.rawOf(this);
    return this.timestamp ?? microseconds(receivedSeconds, receivedNanoseconds);
  }

  /** The sender's link address, as in `02:00:5e:10:00:01`. */
  get hardwareAddress(): string | undefined {
    const { bytes, hwAddressOffset, hwAddressLength } = Packet.rawOf(this);
    return hwAddressLength === ABSENT
      ? undefined
      : hardwareText(bytes, hwAddressOffset, hwAddressLength);
  }

  /** The whole link header as the input device took it off: a view. */
  get hardwareHeader(): Uint8Array | undefined {
    const { bytes, hwHeaderOffset, hwHeaderLength, l2HeaderOffset, l2HeaderLength } = Packet.rawOf(
      this,
    );
    return hwHeaderLength === ABSENT
      ? bytesOf(bytes, l2HeaderOffset, l2HeaderLength)
      : bytesOf(bytes, hwHeaderOffset, hwHeaderLength);
  }

  /** The input device's type (`ARPHRD_*`, linux/if_arp.h), as in 1 for Ethernet. */
  get hardwareType(): number | undefined {
    return present(Packet.rawOf(this).hwType);
  }

  /** The VLAN tag that the device took off; only bridge and netdev rules tell it. */
  get vlan(): VlanTag | undefined {
    const { vlanProtocol: protocol, vlanTci: tci } = Packet.rawOf(this);
    if (protocol === ABSENT || tci === ABSENT) return undefined;
    return vlanTag(protocol, tci);
  }

  /** All VLAN tags from the outermost inwards: the one that the device took off, and those left in the frame. */
  get vlans(): VlanTag[] {
    return vlansOf(Packet.rawOf(this));
  }

  /** The Ethernet header; absent where the link is of another kind or the kernel did not send it. */
  get ethernet(): EthernetHeader | undefined {
    return ethernetOf(Packet.rawOf(this));
  }

  /**
   * The packet from its network header on, cut at the copy range: a view. A netdev
   * rule at egress and an ARP rule at output log it from its link header on.
   */
  get payload(): Uint8Array | undefined {
    const { bytes, payloadOffset, payloadLength } = Packet.rawOf(this);
    return bytesOf(bytes, payloadOffset, payloadLength);
  }

  /**
   * The packet's length before it was cut, in bytes from the payload's start on.
   * The kernel does not tell it: it is read in the IP header, and for anything
   * but IP it is the captured length. So it is for packets above 64 KiB, as devices that
   * offload make them, but for IPv6 with a jumbo payload option (RFC 2675).
   */
  get originalLength(): number | undefined {
    const raw = Packet.rawOf(this);
    return raw.payloadLength === ABSENT ? undefined : originalLength(raw);
  }

  /** A packet of its own, in memory of its own that holds nothing else. */
  copy(): Packet {
    return new Packet(Packet.rawOf(this).copy());
  }

  /** One readable line. */
  toString(): string {
    return describe(factsOf(this));
  }

  /**
   * The structured form, as `JSON.stringify` takes it: names as here, absent where something is
   * unknown. `in` and `out` stand for `inDev` and `outDev`.
   */
  toJSON(): StructuredPacket {
    return structured(this, Packet.rawOf(this));
  }

  /** The readable line, for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return describe(factsOf(this));
  }
}

/** A packet has all that its headers have. */
export interface Packet extends PacketHeaders {}

// What `extends` would do, but for the call of `super()`, which takes V8 longer than all the rest
// of making a packet. So the constructor there is not called: it must have nothing to do.
Object.setPrototypeOf(Packet.prototype, PacketHeaders.prototype);

function present(value: number): number | undefined {
  return value === ABSENT ? undefined : value;
}

function interfaceOf(raw: RawPacket, index: number): Interface | undefined {
  return index === ABSENT ? undefined : raw.interfaces.get(index);
}

function microseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** A view of bytes, undefined where they are absent. */
function bytesOf(bytes: Uint8Array, offset: number, length: number): Uint8Array | undefined {
  return length === ABSENT ? undefined : partOf(bytes, offset, offset + length);
}
