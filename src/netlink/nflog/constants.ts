/**
 * Constants of linux/netfilter/nfnetlink_log.h and linux/netfilter/nfnetlink.h, spelled as in the
 * kernel.
 */

/** `NFNL_SUBSYS_ULOG` (nfnetlink.h) */
export const NFNL_SUBSYS_ULOG = 4;
/** `NFULNL_MSG_PACKET` with its subsystem: `nlmsg_type` of a logged packet. */
export const NFULNL_MSG_PACKET: number = NFNL_SUBSYS_ULOG << 8 | 0;
/** `NFULNL_MSG_CONFIG` with its subsystem: `nlmsg_type` of a request. */
export const NFULNL_MSG_CONFIG: number = NFNL_SUBSYS_ULOG << 8 | 1;
/** `sizeof(struct nfgenmsg)` (nfnetlink.h): family, version, `res_id` in network order. */
export const NFGENMSG_SIZE = 4;

/** `enum nfulnl_attr_type`: the attributes of a packet. */
export const NFULA_PACKET_HDR = 1;
export const NFULA_MARK = 2;
export const NFULA_TIMESTAMP = 3;
export const NFULA_IFINDEX_INDEV = 4;
export const NFULA_IFINDEX_OUTDEV = 5;
export const NFULA_IFINDEX_PHYSINDEV = 6;
export const NFULA_IFINDEX_PHYSOUTDEV = 7;
export const NFULA_HWADDR = 8;
export const NFULA_PAYLOAD = 9;
export const NFULA_PREFIX = 10;
export const NFULA_UID = 11;
export const NFULA_SEQ = 12;
export const NFULA_SEQ_GLOBAL = 13;
export const NFULA_GID = 14;
export const NFULA_HWTYPE = 15;
export const NFULA_HWHEADER = 16;
export const NFULA_HWLEN = 17;
export const NFULA_VLAN = 20;
export const NFULA_L2HDR = 21;

/** `enum nfulnl_vlan_attr`: attributes nested in `NFULA_VLAN`. */
export const NFULA_VLAN_PROTO = 1;
export const NFULA_VLAN_TCI = 2;

/** `enum nfulnl_msg_config_cmds` */
export const NFULNL_CFG_CMD_BIND = 1;
export const NFULNL_CFG_CMD_UNBIND = 2;

/** `enum nfulnl_attr_config` */
export const NFULA_CFG_CMD = 1;
export const NFULA_CFG_MODE = 2;
export const NFULA_CFG_NLBUFSIZ = 3;
export const NFULA_CFG_TIMEOUT = 4;
export const NFULA_CFG_QTHRESH = 5;
export const NFULA_CFG_FLAGS = 6;

/** `NFULNL_COPY_PACKET`: metadata and payload. */
export const NFULNL_COPY_PACKET = 2;
/** `NFULNL_CFG_F_SEQ`: number the packets of this group. */
export const NFULNL_CFG_F_SEQ = 1;
/** `NFULNL_CFG_F_SEQ_GLOBAL`: number the packets of this network namespace. */
export const NFULNL_CFG_F_SEQ_GLOBAL = 2;

/** `NFULNL_COPY_RANGE_MAX` (nfnetlink_log.c): `0xFFFF - NLA_HDRLEN`, in bytes. */
export const NFULNL_COPY_RANGE_MAX = 65531;
/**
 * The largest `NFULA_CFG_NLBUFSIZ` that the kernel applies (nfnetlink_log.c), in bytes; it
 * acknowledges larger ones and ignores them.
 */
export const NFULNL_NLBUFSIZ_MAX = 131072;
/** The unit of `NFULA_CFG_TIMEOUT`, in milliseconds. */
export const NFULA_CFG_TIMEOUT_UNIT_MS = 10;
