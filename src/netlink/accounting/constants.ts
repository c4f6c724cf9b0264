/**
 * Constants of linux/netfilter/nfnetlink.h, nfnetlink_acct.h and nf_tables.h, spelled as in the
 * kernel.
 */

/** `NFNL_SUBSYS_ACCT` and `NFNL_SUBSYS_NFTABLES` (nfnetlink.h) */
const [NFNL_SUBSYS_ACCT, NFNL_SUBSYS_NFTABLES] = [7, 10];
/** `sizeof(struct nfgenmsg)` (nfnetlink.h): family, version, `res_id`. */
export const NFGENMSG_SIZE = 4;

/** `NFNL_MSG_ACCT_NEW` with its subsystem: `nlmsg_type` of an object of nfacct. */
export const NFNL_MSG_ACCT_NEW: number = NFNL_SUBSYS_ACCT << 8 | 0;
/** `NFNL_MSG_ACCT_GET` with its subsystem: `nlmsg_type` of a request for objects. */
export const NFNL_MSG_ACCT_GET: number = NFNL_SUBSYS_ACCT << 8 | 1;
/** `NFNL_MSG_ACCT_GET_CTRZERO` with its subsystem: reads an object and sets it to 0 at once. */
export const NFNL_MSG_ACCT_GET_CTRZERO: number = NFNL_SUBSYS_ACCT << 8 | 2;

/** `NFT_MSG_NEWOBJ` with its subsystem: `nlmsg_type` of a stateful object of nftables. */
export const NFT_MSG_NEWOBJ: number = NFNL_SUBSYS_NFTABLES << 8 | 18;
/** `NFT_MSG_GETOBJ` with its subsystem: `nlmsg_type` of a request for stateful objects. */
export const NFT_MSG_GETOBJ: number = NFNL_SUBSYS_NFTABLES << 8 | 19;
/** `NFT_MSG_GETOBJ_RESET` with its subsystem: reads a stateful object and resets it at once. */
export const NFT_MSG_GETOBJ_RESET: number = NFNL_SUBSYS_NFTABLES << 8 | 21;
/** `NFT_OBJECT_COUNTER` (nf_tables.h): the type of named counters. */
export const NFT_OBJECT_COUNTER = 1;

/** `enum nfnl_acct_type`: attributes of an object of nfacct. */
export const NFACCT_NAME = 1;
export const NFACCT_PKTS = 2;
export const NFACCT_BYTES = 3;
export const NFACCT_FLAGS = 5;
export const NFACCT_QUOTA = 6;

/** `enum nfnl_acct_flags`: the object is a quota of packets or bytes, which is exceeded. */
export const NFACCT_F_QUOTA_PKTS = 1;
export const NFACCT_F_QUOTA_BYTES = 2;
export const NFACCT_F_OVERQUOTA = 4;

/** `enum nft_object_attributes`: attributes of a stateful object. */
export const NFTA_OBJ_TABLE = 1;
export const NFTA_OBJ_NAME = 2;
export const NFTA_OBJ_TYPE = 3;
export const NFTA_OBJ_DATA = 4;
export const NFTA_OBJ_HANDLE = 6;

/** `enum nft_counter_attributes`: nested in `NFTA_OBJ_DATA` of a counter. */
export const NFTA_COUNTER_BYTES = 1;
export const NFTA_COUNTER_PACKETS = 2;
