/**
 * Decodes datagrams of ULOG into packets. Pure, and written by hand for speed: every packet passes
 * here, nothing is allocated.
 */

import { defineDecoder } from "../../record/define.ts";
import { NLMSG_HDRLEN } from "../../netlink/message.ts";
import { type Memory, textLength } from "../../bytes/memory.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import { ETH_HLEN, NFPROTO_IPV4 } from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { Decoder } from "../../record/decoder.ts";
import { MessageDecoder } from "../message_decoder.ts";
import {
  type Layout,
  LAYOUT_32,
  LAYOUT_64,
  MAC_SIZE,
  NLMSG_DONE,
  PREFIX_SIZE,
  ULOG_NL_EVENT,
} from "./constants.ts";
import { DeviceNames } from "./device_names.ts";
import type { UlogOptions } from "./options.ts";

/** Length of an Ethernet address in bytes. */
const ETH_ALEN = 6;
/**
 * Tolerated excess in bytes: a relay may pad a message, and the kernel counts `sizeof`, which
 * exceeds the payload's offset.
 */
const SLACK = 8;

/**
 * Decodes the packets of one group, datagram after datagram. ULOG has no sequence numbers: loss is
 * not visible.
 */
export class UlogDecoder extends MessageDecoder implements Decoder<RawPacket> {
  /** Always 0: ULOG does not number packets. */
  readonly lost = 0;
  /** Always absent: ULOG does not number packets. */
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  readonly #copyRange: number;
  readonly #names = new DeviceNames();

  constructor({ copyRange }: Pick<UlogOptions, "copyRange">) {
    super();
    this.#copyRange = copyRange === 0 ? Infinity : copyRange;
  }

  /** Does nothing: ULOG does not number packets. */
  forget(): void {}

  /**
   * Decodes the next packet of the datagram.
   *
   * @param packet Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(packet: RawPacket): boolean {
    const { memory } = this;
    for (let at; (at = this.nextMessage()) !== ABSENT;) {
      const type = memory.halves[(at >> 1) + 2];
      const size = this.messageEnd - at - NLMSG_HDRLEN;
      // A batch may end without a packet, too.
      if (type !== ULOG_NL_EVENT && (type !== NLMSG_DONE || size < LAYOUT_32.payload)) continue;
      if (this.#decode(packet, memory, at + NLMSG_HDRLEN, size)) {
        this.received++;
        return true;
      }
      this.countMalformed();
    }
    return false;
  }

  /** Decodes a `struct ulog_packet_msg`; returns false if it is malformed. */
  #decode(packet: RawPacket, memory: Memory, at: number, size: number): boolean {
    const layout = layoutOf(memory, at, size);
    if (layout === undefined) return false;
    const { bytes, words } = memory;
    const macLength = bytes[at + layout.macLength]!;
    if (macLength > MAC_SIZE) return false;
    packet.reset(bytes, at, at + size);
    packet.receivedSeconds = this.receivedSeconds;
    packet.receivedNanoseconds = this.receivedNanoseconds;
    packet.family = NFPROTO_IPV4;
    packet.hwProtocol = ETH_P_IP;
    packet.mark = words[(at + layout.mark) >> 2]!;
    packet.hook = words[(at + layout.hook) >> 2]!;
    const seconds = words[(at + layout.seconds) >> 2]!;
    const microseconds = words[(at + layout.microseconds) >> 2]!;
    // Packets that this host sends have no timestamp.
    if (seconds !== 0 || microseconds !== 0) {
      if (microseconds > 999_999) return false;
      packet.seconds = seconds;
      packet.nanoseconds = microseconds * 1000;
    }
    packet.prefixOffset = at + layout.prefix;
    packet.prefixLength = textLength(bytes, packet.prefixOffset, PREFIX_SIZE);
    packet.interfaces = this.#names.tableFor(packet.interfaces);
    packet.inDev = this.#names.indexOf(bytes, at + layout.inDevice);
    packet.outDev = this.#names.indexOf(bytes, at + layout.outDevice);
    packet.interfaces = this.#names.table;
    if (macLength > 0) {
      packet.hwHeaderOffset = at + layout.mac;
      packet.hwHeaderLength = macLength;
    }
    if (macLength >= ETH_HLEN) {
      packet.hwAddressOffset = at + layout.mac + ETH_ALEN;
      packet.hwAddressLength = ETH_ALEN;
    }
    packet.payloadOffset = at + layout.payload;
    packet.payloadLength = Math.min(words[(at + layout.length) >> 2]!, this.#copyRange);
    return true;
  }
}

/** Selects the layout that a message's own lengths fit: exactly, as the kernel's do, or nearly. */
function layoutOf(memory: Memory, at: number, size: number): Layout | undefined {
  if (slackOf(memory, at, size, LAYOUT_64) === 0) return LAYOUT_64;
  const slack = slackOf(memory, at, size, LAYOUT_32);
  if (slack === 0) return LAYOUT_32;
  if (Math.abs(slackOf(memory, at, size, LAYOUT_64)) <= SLACK) return LAYOUT_64;
  return Math.abs(slack) <= SLACK ? LAYOUT_32 : undefined;
}

/**
 * Returns by how many bytes a message is longer than in a layout; NaN if the payload does not fit.
 */
function slackOf({ words }: Memory, at: number, size: number, layout: Layout): number {
  if (size < layout.payload) return NaN;
  const length = words[(at + layout.length) >> 2]!;
  const high = layout === LAYOUT_64 ? words[(at + layout.length + 4) >> 2]! : 0;
  // Every packet has some bytes: a 0 is read where the other layout has its prefix.
  if (length === 0 || high !== 0 || layout.payload + length > size) return NaN;
  return size - layout.size - length;
}

/** Decoder of the ULOG source. */
export const ulogDecoder = defineDecoder<Pick<UlogOptions, "copyRange">>({
  kind: "packet",
  make: (options) => new UlogDecoder(options),
});
