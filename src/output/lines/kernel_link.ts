/** The link layer and ARP in lines of the kernel's LOG target. */

import { readBe16 } from "../../bytes/memory.ts";
import { ETH_HLEN } from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import { type Extent, NF_LOG_MACDECODE, TRUNCATED } from "./kernel_transport.ts";
import * as w from "./words.ts";

const MAC = ascii("MAC=");
const ARP_HTYPE = ascii("ARP HTYPE=");
const ARP_PTYPE = ascii(" PTYPE=0x");
const ARP_OPCODE = ascii(" OPCODE=");
const ARP_MACSRC = ascii(" MACSRC=");
const ARP_IPSRC = ascii(" IPSRC=");
const ARP_MACDST = ascii(" MACDST=");
const ARP_IPDST = ascii(" IPDST=");
const ARP_INCOMPLETE = ascii(" INCOMPLETE [");
const ARP_BYTES = ascii(" bytes]");
const MACSRC = ascii("MACSRC=");
const MACDST = ascii(" MACDST=");
const VPROTO = ascii("VPROTO=");
const VID = ascii(" VID=");
const MACPROTO = ascii("MACPROTO=");

/**
 * Sizes of the fixed part of an ARP packet, and of its addresses for Ethernet and IPv4, in bytes.
 */
const ARP_HEADER = 8;
const ARP_ADDRESSES = 20;
const ARPHRD_ETHER = 1;

/**
 * Writes the link header of a packet that is not ARP: its bytes, or with `macdecode` its fields.
 *
 * @param options Options of the LOG rule.
 */
export function linkHeader(line: LineWriter, packet: RawPacket, options: number): void {
  if ((options & NF_LOG_MACDECODE) !== 0 && isEthernet(packet)) {
    ethernet(line, packet);
    return;
  }
  line.text(MAC);
  const { bytes, hwHeaderOffset, hwHeaderLength, l2HeaderOffset, l2HeaderLength } = packet;
  if (hwHeaderLength > 0) line.hardware(bytes, hwHeaderOffset, hwHeaderLength);
  else if (l2HeaderLength > 0) {
    // The kernel prints as many bytes as the device's own header has, and no VLAN tag after it.
    line.hardware(bytes, l2HeaderOffset, Math.min(l2HeaderLength, ETH_HLEN));
  }
  line.text(w.SPACE);
}

/** Returns whether the device is Ethernet; outbound packets have a header but no type. */
function isEthernet({ hwType, l2HeaderLength }: RawPacket): boolean {
  return hwType === ARPHRD_ETHER || (hwType === ABSENT && l2HeaderLength >= ETH_HLEN);
}

/**
 * Writes `MACSRC=… MACDST=… VPROTO=… VID=… MACPROTO=… `; nothing if there is no complete Ethernet
 * header.
 */
function ethernet(line: LineWriter, packet: RawPacket): void {
  const { bytes, hwHeaderLength, vlanProtocol, vlanTci } = packet;
  const isOfDevice = hwHeaderLength > 0;
  const at = isOfDevice ? packet.hwHeaderOffset : packet.l2HeaderOffset;
  if ((isOfDevice ? hwHeaderLength : packet.l2HeaderLength) < ETH_HLEN) return;
  line.text(MACSRC);
  line.hardware(bytes, at + 6, 6);
  line.text(MACDST);
  line.hardware(bytes, at, 6);
  line.text(w.SPACE);
  if (vlanTci !== ABSENT) {
    line.text(VPROTO);
    line.hexPadded(Math.max(0, vlanProtocol), 4);
    line.number(VID, vlanTci);
  }
  line.text(MACPROTO);
  line.hexPadded(readBe16(bytes, at + 12), 4);
  line.text(w.SPACE);
}

/** Writes an ARP packet, with `macdecode` after its link header's fields. */
export function arp(line: LineWriter, packet: RawPacket, extent: Extent, at: number): void {
  const { bytes, end } = extent;
  if (end - at < ARP_HEADER) {
    line.text(TRUNCATED);
    return;
  }
  if ((extent.options & NF_LOG_MACDECODE) !== 0 && isEthernet(packet)) ethernet(line, packet);
  line.text(ARP_HTYPE);
  line.decimal(readBe16(bytes, at));
  line.text(ARP_PTYPE);
  line.hexPadded(readBe16(bytes, at + 2), 4);
  line.text(ARP_OPCODE);
  line.decimal(readBe16(bytes, at + 6));
  if (readBe16(bytes, at) !== ARPHRD_ETHER || bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return;
  if (end - at < ARP_HEADER + ARP_ADDRESSES) {
    line.text(ARP_INCOMPLETE);
    // The kernel includes a link header that is in place.
    line.decimal(Math.max(0, extent.whole - packet.payloadOffset - ARP_HEADER));
    line.text(ARP_BYTES);
    return;
  }
  line.text(ARP_MACSRC);
  line.hardware(bytes, at + 8, 6);
  line.text(ARP_IPSRC);
  line.ipv4(bytes, at + 14);
  line.text(ARP_MACDST);
  line.hardware(bytes, at + 18, 6);
  line.text(ARP_IPDST);
  line.ipv4(bytes, at + 24);
}
