/**
 * Constants of linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h, nf_conntrack_common.h,
 * nf_conntrack_tcp.h and nf_conntrack_sctp.h, spelled as in the kernel.
 */

/** `NFNL_SUBSYS_CTNETLINK` (nfnetlink.h) */
const NFNL_SUBSYS_CTNETLINK = 1;
/** `IPCTNL_MSG_CT_NEW` with its subsystem: `nlmsg_type` of a flow that is new, has changed, or is dumped. */
export const IPCTNL_MSG_CT_NEW: number = NFNL_SUBSYS_CTNETLINK << 8 | 0;
/** `IPCTNL_MSG_CT_GET` with its subsystem: `nlmsg_type` of a request for flows. */
export const IPCTNL_MSG_CT_GET: number = NFNL_SUBSYS_CTNETLINK << 8 | 1;
/** `IPCTNL_MSG_CT_DELETE` with its subsystem: `nlmsg_type` of a flow that has ended. */
export const IPCTNL_MSG_CT_DELETE: number = NFNL_SUBSYS_CTNETLINK << 8 | 2;
/** `IPCTNL_MSG_CT_GET_STATS` with its subsystem: `nlmsg_type` of a request for the table's figures. */
export const IPCTNL_MSG_CT_GET_STATS: number = NFNL_SUBSYS_CTNETLINK << 8 | 5;
/** `sizeof(struct nfgenmsg)` (nfnetlink.h): family, version, `res_id`. */
export const NFGENMSG_SIZE = 4;
/** `NLM_F_CREATE | NLM_F_EXCL` (linux/netlink.h): flags of the event of a new flow. */
export const NLM_F_CREATE_EXCL = 0x600;

/** `enum nfnetlink_groups` (nfnetlink.h) */
export const NFNLGRP_CONNTRACK_NEW = 1;
export const NFNLGRP_CONNTRACK_UPDATE = 2;
export const NFNLGRP_CONNTRACK_DESTROY = 3;

/** `enum ctattr_type`: attributes of a flow. */
export const CTA_TUPLE_ORIG = 1;
export const CTA_TUPLE_REPLY = 2;
export const CTA_STATUS = 3;
export const CTA_PROTOINFO = 4;
export const CTA_HELP = 5;
export const CTA_TIMEOUT = 7;
export const CTA_MARK = 8;
export const CTA_COUNTERS_ORIG = 9;
export const CTA_COUNTERS_REPLY = 10;
export const CTA_ID = 12;
export const CTA_TUPLE_MASTER = 14;
export const CTA_ZONE = 18;
export const CTA_SECCTX = 19;
export const CTA_TIMESTAMP = 20;
export const CTA_LABELS = 22;
/** Since Linux 6.14. */
export const CTA_TIMESTAMP_EVENT = 27;

/** `enum ctattr_tuple`: nested in `CTA_TUPLE_…`. */
export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
export const CTA_TUPLE_ZONE = 3;

/** `enum ctattr_ip`: nested in `CTA_TUPLE_IP`. */
export const CTA_IP_V4_SRC = 1;
export const CTA_IP_V4_DST = 2;
export const CTA_IP_V6_SRC = 3;
export const CTA_IP_V6_DST = 4;

/** `enum ctattr_l4proto`: nested in `CTA_TUPLE_PROTO`. */
export const CTA_PROTO_NUM = 1;
export const CTA_PROTO_SRC_PORT = 2;
export const CTA_PROTO_DST_PORT = 3;
export const CTA_PROTO_ICMP_ID = 4;
export const CTA_PROTO_ICMP_TYPE = 5;
export const CTA_PROTO_ICMP_CODE = 6;
export const CTA_PROTO_ICMPV6_ID = 7;
export const CTA_PROTO_ICMPV6_TYPE = 8;
export const CTA_PROTO_ICMPV6_CODE = 9;

/** `enum ctattr_protoinfo`: nested in `CTA_PROTOINFO`. */
export const CTA_PROTOINFO_TCP = 1;
export const CTA_PROTOINFO_DCCP = 2;
export const CTA_PROTOINFO_SCTP = 3;
/** `CTA_PROTOINFO_TCP_STATE`, `CTA_PROTOINFO_DCCP_STATE` and `CTA_PROTOINFO_SCTP_STATE`. */
export const CTA_PROTOINFO_STATE = 1;

/** `enum ctattr_counters`: nested in `CTA_COUNTERS_…`. */
export const CTA_COUNTERS_PACKETS = 1;
export const CTA_COUNTERS_BYTES = 2;

/** `enum ctattr_tstamp`: nested in `CTA_TIMESTAMP`. */
export const CTA_TIMESTAMP_START = 1;
export const CTA_TIMESTAMP_STOP = 2;

/** `enum ctattr_help`: nested in `CTA_HELP`. */
export const CTA_HELP_NAME = 1;

/** `enum ctattr_secctx`: nested in `CTA_SECCTX`. */
export const CTA_SECCTX_NAME = 1;
