/** Packets for programs and filters. */

import { findLayers } from "./find_layers.ts";
import { StalePacketError } from "../errors.ts";
import { partOf, readBe16 } from "../bytes/memory.ts";
import { type Action, ACTIONS } from "./actions.ts";
import { hardwareText } from "./address.ts";
import { describe } from "./describe.ts";
import { type EthernetHeader, ethernetOf, vlansOf, type VlanTag, vlanTag } from "./ethernet.ts";
import type { Interface } from "./interface.ts";
import { originalLength } from "./ip.ts";
import { plainPortsAt } from "./plain_ports.ts";
import type { Layers } from "./layers.ts";
import { findLayersBy, PacketHeaders, portOf } from "./packet_headers.ts";
import type { RawPacket } from "./raw_packet.ts";
import { ABSENT, present } from "./absent.ts";
import { factsOf, structured, type StructuredPacket } from "./structured.ts";

/** Keeps a byte order mark, which in a prefix is a character like others. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A logged packet: the kernel's metadata, and its headers, decoded on access. Values that the
 * kernel did not send are `undefined`, never 0. Headers and payload are views of the packet's
 * memory and are valid as long as the packet.
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

  /** Wraps a decoded packet. */
  constructor(raw: RawPacket) {
    this.#raw = raw;
    this.#generation = raw.generation;
  }

  /**
   * Returns the decoded packet, for encoders.
   *
   * @throws {StalePacketError} If the memory holds another packet by now.
   */
  static rawOf(packet: Packet): RawPacket {
    const raw = packet.#raw;
    if (raw.generation !== packet.#generation) throw new StalePacketError();
    return raw;
  }

  /** Returns the offsets of the headers, found on first access. */
  static #layersOf(packet: Packet): Layers {
    const raw = Packet.rawOf(packet);
    return packet.#layers ??= findLayers(raw);
  }

  /** Name of the host that logged it, where that is another one: its nfscribe sent it here. */
  get host(): string | undefined {
    return Packet.rawOf(this).host || undefined;
  }

  /** The rule's prefix (`--nflog-prefix`, `log prefix`); empty if it has none. */
  get prefix(): string | undefined {
    const raw = Packet.rawOf(this);
    if (raw.prefixLength === ABSENT) return undefined;
    return UTF8.decode(bytesOf(raw.bytes, raw.prefixOffset, raw.prefixLength));
  }

  /**
   * Action of the rule, as `[actions]` of the configuration names it for the prefix; absent if no
   * pattern matches.
   */
  get action(): Action | undefined {
    const raw = Packet.rawOf(this);
    return ACTIONS[raw.actions.find(raw)];
  }

  /** Netfilter family: 2 IPv4, 3 ARP, 5 netdev, 7 bridge, 10 IPv6 (`NFPROTO_*`, linux/netfilter.h). */
  get family(): number | undefined {
    return present(Packet.rawOf(this).family);
  }

  /** EtherType of the payload, such as 0x0800; 0x8864 or 0x8847 if it begins with PPPoE or MPLS. */
  get hwProtocol(): number | undefined {
    return present(Packet.rawOf(this).hwProtocol);
  }

  /** The hook: for IP 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting (`NF_INET_*`, linux/netfilter.h). */
  get hook(): number | undefined {
    return present(Packet.rawOf(this).hook);
  }

  /** The packet mark; absent if it is 0, which the kernel does not send. */
  get mark(): number | undefined {
    return present(Packet.rawOf(this).mark);
  }

  /** The input interface. */
  get inDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.inDev);
  }

  /** The output interface. */
  get outDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.outDev);
  }

  /** The input bridge port. */
  get physInDev(): Interface | undefined {
    const raw = Packet.rawOf(this);
    return interfaceOf(raw, raw.physInDev);
  }

  /** The output bridge port. */
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

  /** The packet's sequence number in its group, from 0: a gap is a loss. */
  get seq(): number | undefined {
    return present(Packet.rawOf(this).seq);
  }

  /** The packet's sequence number among all groups of its network namespace, from 1. */
  get seqGlobal(): number | undefined {
    return present(Packet.rawOf(this).seqGlobal);
  }

  /**
   * The kernel's timestamp, in microseconds (not milliseconds) since the Unix epoch; absent at
   * output and postrouting.
   */
  get timestamp(): number | undefined {
    const { seconds, nanoseconds } = Packet.rawOf(this);
    return seconds === ABSENT ? undefined : microseconds(seconds, nanoseconds);
  }

  /**
   * The kernel's timestamp, else the time of receipt, in microseconds since the Unix epoch; `Date`
   * takes milliseconds: `new Date(packet.time / 1000)`.
   */
  get time(): number {
    const { receivedSeconds, receivedNanoseconds } = Packet.rawOf(this);
    return this.timestamp ?? microseconds(receivedSeconds, receivedNanoseconds);
  }

  /** The sender's link address, such as `02:00:5e:10:00:01`. */
  get hardwareAddress(): string | undefined {
    const { bytes, hwAddressOffset, hwAddressLength } = Packet.rawOf(this);
    return hwAddressLength === ABSENT
      ? undefined
      : hardwareText(bytes, hwAddressOffset, hwAddressLength);
  }

  /** The whole link header as the input device removed it: a view. */
  get hardwareHeader(): Uint8Array | undefined {
    const { bytes, hwHeaderOffset, hwHeaderLength, l2HeaderOffset, l2HeaderLength } = Packet.rawOf(
      this,
    );
    return hwHeaderLength === ABSENT
      ? bytesOf(bytes, l2HeaderOffset, l2HeaderLength)
      : bytesOf(bytes, hwHeaderOffset, hwHeaderLength);
  }

  /** The input device's type (`ARPHRD_*`, linux/if_arp.h), such as 1 for Ethernet. */
  get hardwareType(): number | undefined {
    return present(Packet.rawOf(this).hwType);
  }

  /** The VLAN tag that the device removed; only bridge and netdev rules log it. */
  get vlan(): VlanTag | undefined {
    const { vlanProtocol: protocol, vlanTci: tci } = Packet.rawOf(this);
    if (protocol === ABSENT || tci === ABSENT) return undefined;
    return vlanTag(protocol, tci);
  }

  /**
   * All VLAN tags from the outermost inwards: the one that the device removed, and those left in
   * the frame.
   */
  get vlans(): VlanTag[] {
    return vlansOf(Packet.rawOf(this));
  }

  /** The Ethernet header; absent if the link has another type or the kernel did not send it. */
  get ethernet(): EthernetHeader | undefined {
    return ethernetOf(Packet.rawOf(this));
  }

  /**
   * The packet from its network header on, truncated at the copy range: a view. A netdev rule at
   * egress and an ARP rule at output log it from its link header on.
   */
  get payload(): Uint8Array | undefined {
    const { bytes, payloadOffset, payloadLength } = Packet.rawOf(this);
    return bytesOf(bytes, payloadOffset, payloadLength);
  }

  /**
   * The packet's length before it was truncated, in bytes from the payload's start. The kernel does
   * not send it: it is taken from the IP header, and for anything but IP it is the captured length.
   * The same holds for packets above 64 KiB, which devices with offload make, except for IPv6 with
   * a jumbo payload option (RFC 2675).
   */
  get originalLength(): number | undefined {
    const raw = Packet.rawOf(this);
    return raw.payloadLength === ABSENT ? undefined : originalLength(raw);
  }

  /**
   * Source port of TCP, UDP, UDP-Lite, SCTP or DCCP. Present if its bytes were captured, even if
   * the rest of the header is truncated or malformed.
   */
  get sourcePort(): number | undefined {
    return Packet.#portOf(this, 0);
  }

  /** The destination port, like `sourcePort`. */
  get destinationPort(): number | undefined {
    return Packet.#portOf(this, 2);
  }

  /** Returns the port at an offset of the two, in most packets without looking for all headers. */
  static #portOf(packet: Packet, offset: number): number | undefined {
    const raw = Packet.rawOf(packet);
    const at = plainPortsAt(raw);
    return at === ABSENT
      ? portOf(Packet.#layersOf(packet), offset)
      : readBe16(raw.bytes, at + offset);
  }

  /** Returns a copy of the packet in memory of its own. */
  copy(): Packet {
    return new Packet(Packet.rawOf(this).copy());
  }

  /** Returns one readable line. */
  toString(): string {
    return describe(factsOf(this));
  }

  /**
   * Returns the structured form, for `JSON.stringify`: names as here, absent where a value is
   * unknown. `in` and `out` stand for `inDev` and `outDev`.
   */
  toJSON(): StructuredPacket {
    return structured(this, Packet.rawOf(this));
  }

  /** Returns the readable line, for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return describe(factsOf(this));
  }
}

/** Headers of a packet. */
export interface Packet extends PacketHeaders {}

// The effect of `extends`, but without the call of `super()`, which takes V8 longer than all the
// rest of creating a packet. So the constructor there is not called: it must do nothing.
Object.setPrototypeOf(Packet.prototype, PacketHeaders.prototype);

function interfaceOf(raw: RawPacket, index: number): Interface | undefined {
  return index === ABSENT ? undefined : raw.interfaces.get(index);
}

function microseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1e6 + Math.floor(nanoseconds / 1000);
}

/** Returns a view of bytes; undefined if they are absent. */
function bytesOf(bytes: Uint8Array, offset: number, length: number): Uint8Array | undefined {
  return length === ABSENT ? undefined : partOf(bytes, offset, offset + length);
}
