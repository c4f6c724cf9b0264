/**
 * The words of linux/netfilter/nfnetlink_log.h and linux/netfilter/nfnetlink.h
 * that records of link type NFLOG are made of.
 *
 * @module
 */

/** `sizeof(struct nfgenmsg)` (nfnetlink.h): family, version, `res_id` in network order. */
export const NFGENMSG_SIZE = 4;
/** `NLA_F_NESTED` (linux/netlink.h) */
export const NLA_F_NESTED = 0x8000;

/** `enum nfulnl_attr_type` */
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

/** `enum nfulnl_vlan_attr` */
export const NFULA_VLAN_PROTO = 1;
export const NFULA_VLAN_TCI = 2;
