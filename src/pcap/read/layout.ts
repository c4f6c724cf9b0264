/**
 * Batches that the reader of capture files passes to the decoder: whole records, all in
 * words of 4 bytes in the host's byte order, whatever the file's. Each record and
 * its data begin at a multiple of 4, which the attributes of link type NFLOG need.
 *
 *     seconds │ nanoseconds │ captured │ original │ link type, flags │ interface │ data, padding │ seconds │ …
 */

/** Size of the header before a record's data, in bytes. */
export const RECORD_HEADER = 24;

/**
 * Flag above the 16 bits of the link type: the file was written on a big-endian machine, whose byte
 * order some of its link types use.
 */
export const BIG_ENDIAN = 0x1_0000;
/** Flag: the packet was sent on its interface. */
export const OUTBOUND = 0x2_0000;

/** Number for records without an interface. */
export const NO_INTERFACE = 0;

/** The largest data of a record in bytes, as in tcpdump (`MAXIMUM_SNAPLEN`). */
export const CAPTURED_MAX = 262144;
