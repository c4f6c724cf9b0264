/**
 * Raw form of a packet, which decoders fill in and encoders read: numbers, and offsets in the
 * memory that holds the packet.
 */

import { ABSENT } from "./absent.ts";
import { type ActionTable, NO_ACTIONS } from "./actions.ts";
import type { InterfaceTable } from "./interface.ts";
import type { Layers } from "./layers.ts";

const EMPTY = new Uint8Array(0);

/**
 * A packet in raw form. A decoder fills in the same object for each packet, so nothing is allocated
 * between the socket and the file; `generation` distinguishes packets. Every field except the time
 * of receipt may be {@linkcode ABSENT}. Offsets are in `bytes`; a length is {@linkcode ABSENT} or
 * valid together with its offset.
 */
export class RawPacket {
  /** The memory that all offsets are in. */
  bytes: Uint8Array = EMPTY;
  /** Number of times that this object was filled in. */
  generation = 0;
  /** Offsets of all memory that belongs to the packet, for {@linkcode copy}. */
  start = 0;
  end = 0;

  /** `NFPROTO_*` (linux/netfilter.h): 2 IPv4, 3 ARP, 5 netdev, 7 bridge, 10 IPv6. */
  family = ABSENT;
  /** The NFLOG group that it was logged to. */
  group = ABSENT;
  /** EtherType of the payload. */
  hwProtocol = ABSENT;
  /** Number of the hook within its family (linux/netfilter.h). */
  hook = ABSENT;
  /** The packet mark. */
  mark = ABSENT;
  /** Interface indexes. */
  inDev = ABSENT;
  outDev = ABSENT;
  physInDev = ABSENT;
  physOutDev = ABSENT;
  /** Owner of the local socket, as the listener's user namespace sees it. */
  uid = ABSENT;
  gid = ABSENT;
  /** Names of the interfaces above. */
  interfaces: InterfaceTable;
  /** Actions of rules by prefixes. */
  actions: ActionTable = NO_ACTIONS;
  /** Name of the host that logged it, where that is another one; empty for this one. */
  host = "";
  /** Session of the nfscribe there: a UUID (RFC 9562); empty for a record of this host. */
  session = "";
  /** Name of its source, if there are several. */
  capture = "";
  /** Fields that a filter attached: an object in JSON (RFC 8259), in UTF-8. */
  extra: Uint8Array | undefined = undefined;
  /** Sequence number of the packet in its group, from 0. */
  seq = ABSENT;
  /** Sequence number of the packet in its network namespace, from 1. */
  seqGlobal = ABSENT;
  /** The kernel's timestamp since the Unix epoch. */
  seconds = ABSENT;
  nanoseconds = ABSENT;
  /** Time of receipt since the Unix epoch. */
  receivedSeconds = 0;
  receivedNanoseconds = 0;
  /** `ARPHRD_*` of the input device (linux/if_arp.h). */
  hwType = ABSENT;
  /** EtherType of the VLAN tag that the device removed. */
  vlanProtocol = ABSENT;
  /** The tag itself: priority, drop eligible indicator, VLAN id. */
  vlanTci = ABSENT;

  /** The rule's prefix, without its NUL. */
  prefixOffset = 0;
  prefixLength = ABSENT;
  /** The sender's link address. */
  hwAddressOffset = 0;
  hwAddressLength = ABSENT;
  /** The link header as the input device removed it. */
  hwHeaderOffset = 0;
  hwHeaderLength = ABSENT;
  /** The link header of bridge and netdev packets. */
  l2HeaderOffset = 0;
  l2HeaderLength = ABSENT;
  /** Length of the frame in a capture file before it was truncated, link header included. */
  frameLength = ABSENT;
  /** The packet from its network header on, truncated at the copy range. */
  payloadOffset = 0;
  payloadLength = ABSENT;

  /** Offsets of its headers: an object that `findLayers()` fills in again. */
  layers: Layers | undefined = undefined;

  /** Creates a packet without values. */
  constructor(interfaces: InterfaceTable) {
    this.interfaces = interfaces;
  }

  /**
   * Begins the next generation; the previous packet's values stay.
   *
   * @param bytes The memory that all offsets are in.
   * @param start Offset of the memory that belongs to the packet.
   * @param end Offset after it.
   */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.generation++;
    this.start = start;
    this.end = end;
    this.extra = undefined;
  }

  /**
   * Begins the next generation and makes every value absent.
   *
   * @param bytes The memory that all offsets are in.
   * @param start Offset of the memory that belongs to the packet.
   * @param end Offset after it.
   */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.begin(bytes, start, end);
    this.clear();
  }

  /** Makes every value absent that a source may omit. */
  clear(): void {
    this.family = ABSENT;
    this.group = ABSENT;
    this.hwProtocol = ABSENT;
    this.hook = ABSENT;
    this.mark = ABSENT;
    this.inDev = ABSENT;
    this.outDev = ABSENT;
    this.physInDev = ABSENT;
    this.physOutDev = ABSENT;
    this.uid = ABSENT;
    this.gid = ABSENT;
    this.seq = ABSENT;
    this.seqGlobal = ABSENT;
    this.seconds = ABSENT;
    this.nanoseconds = ABSENT;
    this.hwType = ABSENT;
    this.vlanProtocol = ABSENT;
    this.vlanTci = ABSENT;
    this.prefixLength = ABSENT;
    this.hwAddressLength = ABSENT;
    this.hwHeaderLength = ABSENT;
    this.l2HeaderLength = ABSENT;
    this.payloadLength = ABSENT;
    this.frameLength = ABSENT;
  }

  /** Returns a copy in memory of its own. */
  copy(): RawPacket {
    const { start } = this;
    const copy: RawPacket = Object.assign(new RawPacket(this.interfaces), this);
    copy.bytes = this.bytes.slice(start, this.end);
    copy.start = 0;
    copy.end = copy.bytes.length;
    copy.prefixOffset -= start;
    copy.hwAddressOffset -= start;
    copy.hwHeaderOffset -= start;
    copy.l2HeaderOffset -= start;
    copy.payloadOffset -= start;
    copy.layers = undefined;
    return copy;
  }
}
