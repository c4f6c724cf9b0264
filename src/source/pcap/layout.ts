/**
 * What the reader of capture files hands to the decoder: a header, then whole
 * records, all in words of 4 bytes in the host's byte order, whatever the
 * file's. Each record and its data begin at a multiple of 4, which the
 * attributes of link type NFLOG need.
 *
 *     link type │ flags │ seconds │ nanoseconds │ captured │ original │ data, padding │ seconds │ …
 *
 * @module
 */

/** Bytes of the header: link type, flags. */
export const BATCH_HEADER = 8;
/** Bytes before a record's data: seconds, nanoseconds, captured length, original length. */
export const RECORD_HEADER = 16;

/**
 * Flag: the file was written on a big-endian machine, in whose byte order the
 * lengths and types of NFLOG attributes are.
 */
export const BIG_ENDIAN = 1;

/** `LINKTYPE_ETHERNET` (tcpdump.org/linktypes), which the C library calls `DLT_EN10MB`. */
export const LINKTYPE_ETHERNET = 1;
/** `LINKTYPE_RAW`: the packet begins with its IPv4 or IPv6 header. */
export const LINKTYPE_RAW = 101;
/** `LINKTYPE_IPV4`: the packet begins with its IPv4 header. */
export const LINKTYPE_IPV4 = 228;
/** `LINKTYPE_IPV6`: the packet begins with its IPv6 header. */
export const LINKTYPE_IPV6 = 229;
/** `LINKTYPE_NFLOG`: `struct nfgenmsg`, then the attributes of nfnetlink_log. */
export const LINKTYPE_NFLOG = 239;

/** Rounds up to where the next record begins. */
export function wordAlign(length: number): number {
  return (length + 3) & ~3;
}
