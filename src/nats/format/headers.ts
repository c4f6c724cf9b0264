/** Names of headers. */

/** Version of the messages' format. */
export const VERSION = 1;

/** Headers of a message; all values are printable ASCII. */
export const Header = {
  /** Identifier by which JetStream knows a message that was sent before. */
  MSG_ID: "Nats-Msg-Id",
  /** Version of the format. */
  VERSION: "Nfscribe-Version",
  /** Name of the sender's host, as a string of JSON. */
  HOST: "Nfscribe-Host",
  /** Name of the source, as a string of JSON. */
  CAPTURE: "Nfscribe-Capture",
  /** Session of the sender's spool: a UUID. */
  SESSION: "Nfscribe-Session",
  /** Positions of the records' frame in the session: of its beginning and its end. */
  FROM: "Nfscribe-From",
  TO: "Nfscribe-To",
  /** Number of the message among those of its frame, from 0, and the number of these. */
  PART: "Nfscribe-Part",
  PARTS: "Nfscribe-Parts",
  /** Number of its records. */
  RECORDS: "Nfscribe-Records",
  /** Records of the session, source and kind before these; absent if they are not known. */
  FIRST: "Nfscribe-First",
  /** Records that the source lost before these; absent for none. */
  LOST: "Nfscribe-Lost",
  /** Names of the sender's interfaces by index, as an object of JSON; absent for none. */
  INTERFACES: "Nfscribe-Interfaces",
  /** Compression of the body: gzip or zstd; absent for none. */
  ENCODING: "Nfscribe-Encoding",
  /** Type of the body before it was compressed. */
  CONTENT_TYPE: "Content-Type",
} as const;

/** Type of a body: pcapng with link type NFLOG, or lines of JSON. */
export type ContentType = "application/x-pcapng" | "application/x-ndjson";
/** The types. */
export const PCAPNG: ContentType = "application/x-pcapng";
export const NDJSON: ContentType = "application/x-ndjson";

/** Compression of a body. */
export type Encoding = "gzip" | "zstd";
