/** The counts of an accounting object as numbers and offsets into memory, without objects per record. */

import { ABSENT } from "../packet/absent.ts";

const EMPTY = new Uint8Array(0);

/**
 * The counts of an object in raw form. A decoder fills in the same object for each record, so nothing
 * is allocated; `generation` distinguishes records. Every field except the name and the time of
 * receipt may be {@linkcode ABSENT}. Offsets are in `bytes`.
 */
export class RawCounter {
  /** The memory that all offsets are in. */
  bytes: Uint8Array = EMPTY;
  /** Number of times that this object was filled in. */
  generation = 0;
  /** Offsets of all memory that belongs to the record, for {@linkcode copy}. */
  start = 0;
  end = 0;

  /** Name of the host that counted, where that is another one; empty for this one. */
  host = "";
  /** Session of the nfscribe there: a UUID (RFC 9562); empty for a record of this host. */
  session = "";
  /** Name of its source, if there are several. */
  capture = "";
  /** Fields that a filter attached: an object in JSON (RFC 8259), in UTF-8. */
  extra: Uint8Array | undefined = undefined;

  /** Number of the reading, which all records of it have. */
  reading = ABSENT;
  /** Always absent: the kernel does not stamp counters. */
  readonly seconds: number = ABSENT;
  readonly nanoseconds: number = ABSENT;
  /** Time of the reading since the Unix epoch. */
  receivedSeconds = 0;
  receivedNanoseconds = 0;
  /** Family of the table: `NFPROTO_*` (linux/netfilter.h); absent for objects of nfacct. */
  family = ABSENT;
  /** Name of the table of nftables; absent for objects of nfacct. */
  tableOffset = 0;
  tableLength = ABSENT;
  /** Name of the object. */
  nameOffset = 0;
  nameLength = ABSENT;
  /** Handle of a named counter of nftables, which one that is made anew does not share. */
  handle = ABSENT;
  /** Counts as the kernel has them; absent above 2^53 - 1. */
  totalPackets = ABSENT;
  totalBytes = ABSENT;
  /** Words of these counts, which have 64 bits. */
  packetsHigh = ABSENT;
  packetsLow = 0;
  bytesHigh = ABSENT;
  bytesLow = 0;
  /** Whether these are counts since the last reading, which has set them to 0. */
  isReset = false;
  /** Packets and bytes since the last reading. */
  packetCount = ABSENT;
  byteCount = ABSENT;
  /** Microseconds since the last reading. */
  interval = ABSENT;
  /** Whether the object was made, or set to 0 by another program, since the last reading. */
  isRestarted = false;
  /** Bits of `enum nfnl_acct_flags` (linux/netfilter/nfnetlink_acct.h). */
  flags = ABSENT;
  /** Limit of an object that is a quota. */
  quota = ABSENT;

  /**
   * Begins the next generation and makes every value absent.
   *
   * @param bytes The memory that all offsets are in.
   * @param start Offset of the memory that belongs to the record.
   * @param end Offset after it.
   */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.generation++;
    this.start = start;
    this.end = end;
    this.extra = undefined;
    this.reading = ABSENT;
    this.family = ABSENT;
    this.tableLength = ABSENT;
    this.nameLength = ABSENT;
    this.handle = ABSENT;
    this.totalPackets = ABSENT;
    this.totalBytes = ABSENT;
    this.packetsHigh = ABSENT;
    this.bytesHigh = ABSENT;
    this.isReset = false;
    this.packetCount = ABSENT;
    this.byteCount = ABSENT;
    this.interval = ABSENT;
    this.isRestarted = false;
    this.flags = ABSENT;
    this.quota = ABSENT;
  }

  /** Returns a copy in memory of its own. */
  copy(): RawCounter {
    const copy = Object.assign(new RawCounter(), this);
    copy.bytes = this.bytes.slice(this.start, this.end);
    copy.start = 0;
    copy.end = copy.bytes.length;
    copy.tableOffset -= this.start;
    copy.nameOffset -= this.start;
    return copy;
  }
}
