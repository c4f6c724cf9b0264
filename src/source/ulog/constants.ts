/** Constants of ULOG (linux/netfilter_ipv4/ipt_ULOG.h, before Linux 3.17). */

/** `NETLINK_NFLOG` (linux/netlink.h): the netlink family of ULOG, which later kernels lack. */
export const NETLINK_NFLOG = 5;
/** `NETLINK_USERSOCK` (linux/netlink.h): for messages between processes. */
export const NETLINK_USERSOCK = 2;

/** `ULOG_NL_EVENT`: the type of a message with a packet. */
export const ULOG_NL_EVENT = 111;
/** `NLMSG_DONE` (linux/netlink.h): the last message of a batch, which has a packet, too. */
export const NLMSG_DONE = 3;

/** Sizes in bytes of a device name (`IFNAMSIZ`), the prefix and the link header. */
export const NAME_SIZE = 16;
export const PREFIX_SIZE = 32;
export const MAC_SIZE = 80;

/** Offsets of the fields of `struct ulog_packet_msg`, in bytes. */
export interface Layout {
  mark: number;
  seconds: number;
  microseconds: number;
  hook: number;
  inDevice: number;
  outDevice: number;
  length: number;
  prefix: number;
  macLength: number;
  mac: number;
  payload: number;
  /** `sizeof`: larger than the offset of the payload. */
  size: number;
}

/** Layout of a 64-bit kernel, whatever the program's word size. */
export const LAYOUT_64: Layout = {
  mark: 0,
  seconds: 8,
  microseconds: 16,
  hook: 24,
  inDevice: 28,
  outDevice: 44,
  length: 64,
  prefix: 72,
  macLength: 104,
  mac: 105,
  payload: 185,
  size: 192,
};

/** Layout of a 32-bit kernel. */
export const LAYOUT_32: Layout = {
  mark: 0,
  seconds: 4,
  microseconds: 8,
  hook: 12,
  inDevice: 16,
  outDevice: 32,
  length: 48,
  prefix: 52,
  macLength: 84,
  mac: 85,
  payload: 165,
  size: 168,
};
