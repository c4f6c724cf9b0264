/** Encodes a packet as a row of the table, for the encoders of databases. */

import { findLayers } from "../../packet/find_layers.ts";
import { ethernetAt } from "../../packet/ethernet.ts";
import { originalLength } from "../../packet/ip.ts";
import type { Interface } from "../../packet/interface.ts";
import type { Layers } from "../../packet/layers.ts";
import { readBe16 } from "../../bytes/memory.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import { ARP } from "../../packet/network_kind.ts";
import { ARP_HEADER } from "../../packet/arp.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { KINDS, locate, portsAt } from "../../packet/transport.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { COLUMNS } from "./columns.ts";
import { FIELD_HEAD, RowWriter } from "./row.ts";
import { type OriginOptions, RowOrigin } from "./row_origin.ts";

/** The most bytes of a row besides names, prefix, `extra` and payload. */
const FIXED_MOST = 2 + COLUMNS.length * FIELD_HEAD + 200;
/** The most bytes of an interface's name, escapes included (`IFNAMSIZ` is 16). */
const NAME_MOST = 64;
/** The most interface names that are cached. */
const NAMES_MAX = 1000;
const MAC = 6;

/** Options of the encoder. */
export interface RowEncoderOptions extends OriginOptions {
  /** Whether the packet's payload is stored. */
  payload: boolean;
}

/** Encodes rows with the fields in the order of {@linkcode COLUMNS}. */
export class RowEncoder implements Encoder<RawPacket> {
  readonly #row = new RowWriter();
  readonly #options: RowEncoderOptions;
  readonly #origin: RowOrigin;
  readonly #names = new Map<string, Uint8Array>();

  /** Creates an encoder. */
  constructor(options: RowEncoderOptions) {
    this.#options = options;
    this.#origin = new RowOrigin(options);
  }

  /** Encodes a packet as one row; every packet has one. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const origin = this.#origin.of(packet);
    if (at + this.#most(packet, origin) > out.length) return NO_ROOM;
    const row = this.#row;
    row.begin(out, at, COLUMNS.length);
    this.#head(packet, origin);
    this.#link(packet);
    const layers = findLayers(packet);
    this.#addresses(layers);
    this.#transport(layers);
    if (packet.payloadLength === ABSENT) row.null();
    else row.int32(originalLength(packet));
    this.#service(layers);
    row.uint32OrNull(packet.uid);
    row.uint32OrNull(packet.gid);
    row.jsonb(packet.extra);
    if (!this.#options.payload || packet.payloadLength === ABSENT) row.null();
    else row.bytes(packet.bytes, packet.payloadOffset, packet.payloadLength);
    return row.at - at;
  }

  #most({ prefixLength, extra, payloadLength }: RawPacket, origin: Uint8Array): number {
    const payload = this.#options.payload ? Math.max(0, payloadLength) : 0;
    return FIXED_MOST + origin.length + 2 * NAME_MOST + 4 * Math.max(0, prefixLength) +
      (extra?.length ?? 0) + payload;
  }

  /** Writes the fields `time` to `mark`. */
  #head(packet: RawPacket, origin: Uint8Array): void {
    const row = this.#row;
    if (packet.seconds === ABSENT) {
      row.time(packet.receivedSeconds, packet.receivedNanoseconds);
    } else row.time(packet.seconds, packet.nanoseconds);
    row.fields(origin);
    row.uint32OrNull(packet.seq);
    row.textOrNull(packet.bytes, packet.prefixOffset, packet.prefixLength);
    row.int16OrNull(packet.hook);
    row.uint32OrNull(packet.mark);
  }

  /** Writes the fields `in_dev` to `ethertype`. */
  #link(packet: RawPacket): void {
    const row = this.#row;
    this.#device(packet, packet.inDev);
    this.#device(packet, packet.outDev);
    const ethernet = ethernetAt(packet);
    if (packet.hwAddressLength === MAC) row.bytes(packet.bytes, packet.hwAddressOffset, MAC);
    else if (ethernet !== ABSENT) row.bytes(packet.bytes, ethernet + MAC, MAC);
    else row.null();
    if (ethernet === ABSENT) row.null();
    else row.bytes(packet.bytes, ethernet, MAC);
    row.int32OrNull(packet.hwProtocol);
  }

  /**
   * Writes the fields `source_address` and `destination_address`: for ARP the sender's and the
   * target's.
   */
  #addresses({ network, bytes, at }: Layers): void {
    const row = this.#row;
    if (network === 4) {
      row.inet(bytes, at + 12, 4);
      row.inet(bytes, at + 16, 4);
    } else if (network === 6) {
      row.inet(bytes, at + 8, 16);
      row.inet(bytes, at + 24, 16);
    } else if (network === ARP && readBe16(bytes, at + 2) === ETH_P_IP) {
      const sender = at + ARP_HEADER + bytes[at + 4]!;
      row.inet(bytes, sender, 4);
      row.inet(bytes, sender + 4 + bytes[at + 4]!, 4);
    } else row.nulls(2);
  }

  /** Writes the fields `protocol` to `icmp_code`. */
  #transport(layers: Layers): void {
    const row = this.#row;
    const { bytes, protocol } = layers;
    row.int16OrNull(protocol);
    const ports = portsAt(layers);
    if (ports === ABSENT) row.nulls(2);
    else {
      row.int32(readBe16(bytes, ports));
      row.int32(readBe16(bytes, ports + 2));
    }
    const tcp = locate(layers, KINDS.tcp);
    if (tcp === ABSENT) row.null();
    else row.int16(bytes[tcp + 13]!);
    const icmp = Math.max(locate(layers, KINDS.icmp), locate(layers, KINDS.icmpv6));
    if (icmp === ABSENT) row.nulls(2);
    else {
      row.int16(bytes[icmp]!);
      row.int16(bytes[icmp + 1]!);
    }
  }

  /** Writes the fields `ttl` and `tos`; for IPv6 the hop limit and the traffic class. */
  #service({ network, bytes, at }: Layers): void {
    const row = this.#row;
    if (network === 4) {
      row.int16(bytes[at + 8]!);
      row.int16(bytes[at + 1]!);
    } else if (network === 6) {
      row.int16(bytes[at + 7]!);
      row.int16(readBe16(bytes, at) >> 4 & 0xff);
    } else row.nulls(2);
  }

  #device({ interfaces }: RawPacket, index: number): void {
    if (index === ABSENT) return this.#row.null();
    const name = this.#nameOf(interfaces.get(index));
    this.#row.text(name, 0, name.length);
  }

  /** Returns an encoded name from the cache. */
  #nameOf(device: Interface): Uint8Array {
    const text = device.toString();
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    const name = new TextEncoder().encode(text).subarray(0, NAME_MOST / 4);
    this.#names.set(text, name);
    return name;
  }
}
