/** EtherTypes (linux/if_ether.h). */

/** `ETH_P_IP` */
export const ETH_P_IP = 0x0800;
/** `ETH_P_ARP` */
export const ETH_P_ARP = 0x0806;
/** `ETH_P_RARP`: the same header as ARP's (RFC 903). */
export const ETH_P_RARP = 0x8035;
/** `ETH_P_8021Q`: a VLAN tag. */
export const ETH_P_8021Q = 0x8100;
/** `ETH_P_IPV6` */
export const ETH_P_IPV6 = 0x86dd;
/** `ETH_P_MPLS_UC`: a stack of MPLS labels (RFC 3032), unicast. */
export const ETH_P_MPLS_UC = 0x8847;
/** `ETH_P_MPLS_MC`: the same, multicast. */
export const ETH_P_MPLS_MC = 0x8848;
/** `ETH_P_PPP_DISC`: PPPoE (RFC 2516), discovery. */
export const ETH_P_PPP_DISC = 0x8863;
/** `ETH_P_PPP_SES`: PPPoE, a session. */
export const ETH_P_PPP_SES = 0x8864;
/** `ETH_P_8021AD`: a service VLAN tag. */
export const ETH_P_8021AD = 0x88a8;
