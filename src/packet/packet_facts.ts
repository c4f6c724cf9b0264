/** Facts about a packet from which lines and the structured form are made. */

import type { Action } from "./actions.ts";
import type { EthernetHeader, VlanTag } from "./ethernet.ts";
import type { Interface } from "./interface.ts";
import type { PacketHeaders } from "./packet_headers.ts";

/** Facts about a packet: those of `Packet` that are shown. */
export interface PacketFacts extends PacketHeaders {
  readonly family: number | undefined;
  readonly hook: number | undefined;
  readonly time: number;
  readonly seq: number | undefined;
  readonly prefix: string | undefined;
  readonly action: Action | undefined;
  readonly inDev: Interface | undefined;
  readonly outDev: Interface | undefined;
  readonly physInDev: Interface | undefined;
  readonly physOutDev: Interface | undefined;
  readonly mark: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly hwProtocol: number | undefined;
  readonly ethernet: EthernetHeader | undefined;
  readonly vlan: VlanTag | undefined;
  readonly vlans: readonly VlanTag[];
  readonly payload: Uint8Array | undefined;
  readonly originalLength: number | undefined;
}
