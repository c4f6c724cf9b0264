/** Packets of a store as a decoder fills them in, as far as a row knows them. Pure. */

import type { Row } from "../../../output/table/reading.ts";
import type { StoredPacket } from "../../../output/table/stored_packet.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "../../../packet/ether_types.ts";
import { INET_HOOKS } from "../../../packet/hook_name.ts";
import { InterfaceTable } from "../../../packet/interface.ts";
import { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6 } from "../../../packet/network.ts";
import { RawPacket } from "../../../packet/raw_packet.ts";

/** Families by EtherType. */
const FAMILIES: Readonly<Record<number, number>> = {
  [ETH_P_ARP]: NFPROTO_ARP,
  [ETH_P_IP]: NFPROTO_IPV4,
  [ETH_P_IPV6]: NFPROTO_IPV6,
};
/** Bounds of interface names that are kept: a store may hold any number of them. */
const INTERFACES_MOST = 256;

/** Makes packets of rows. Interfaces get indexes of their own: rows have their names only. */
export class StoredPackets {
  #interfaces = new InterfaceTable();
  #indexes = new Map<string, number>();

  /** Returns a row's packet; undefined for other records, and without bytes. */
  packet(row: Row, payload: Uint8Array | undefined): RawPacket | undefined {
    if (row.type !== "packet" || payload === undefined) return undefined;
    const prefix = new TextEncoder().encode(row.prefix ?? "");
    const bytes = new Uint8Array(prefix.length + payload.length);
    bytes.set(prefix);
    bytes.set(payload, prefix.length);
    const [inDev, outDev] = [row.in, row.out].map((name) => this.#indexOf(name));
    const raw = new RawPacket(this.#interfaces);
    raw.reset(bytes, 0, bytes.length);
    const etherType = etherTypeOf(row, payload);
    raw.hwProtocol = etherType;
    raw.family = FAMILIES[etherType] ?? raw.family;
    const hook = typeof row.hook === "string" ? INET_HOOKS.indexOf(row.hook) : row.hook ?? -1;
    if (hook >= 0) raw.hook = hook;
    if (inDev !== undefined) raw.inDev = inDev;
    if (outDev !== undefined) raw.outDev = outDev;
    if (row.mark !== undefined) raw.mark = row.mark;
    if (row.uid !== undefined) raw.uid = row.uid;
    if (row.gid !== undefined) raw.gid = row.gid;
    if (row.seq !== undefined) raw.seq = row.seq;
    raw.host = row.host ?? "";
    raw.capture = row.capture ?? "";
    [raw.seconds, raw.nanoseconds] = timeOf(row.time);
    if (prefix.length > 0) raw.prefixLength = prefix.length;
    raw.payloadOffset = prefix.length;
    raw.payloadLength = payload.length;
    return raw;
  }

  #indexOf(name: string | number | undefined): number | undefined {
    if (name === undefined) return undefined;
    const text = String(name);
    let index = this.#indexes.get(text);
    if (index === undefined) {
      if (this.#indexes.size >= INTERFACES_MOST) {
        [this.#interfaces, this.#indexes] = [new InterfaceTable(), new Map()];
      }
      index = this.#indexes.size + 1;
      this.#indexes.set(text, index);
      this.#interfaces = this.#interfaces.with([[index, text]]);
    }
    return index;
  }
}

/** Returns the row's EtherType, or else that of the packet's IP version. */
function etherTypeOf({ etherType }: StoredPacket, payload: Uint8Array): number {
  return etherType ?? (payload[0]! >> 4 === 6 ? ETH_P_IPV6 : ETH_P_IP);
}

/** Returns whole seconds and the nanoseconds past them of a time in RFC 3339. */
function timeOf(time: string): [seconds: number, nanoseconds: number] {
  const [, fraction = ""] = /\.(\d{1,9})/.exec(time) ?? [];
  return [Math.floor(Date.parse(time) / 1000), Number(fraction.padEnd(9, "0"))];
}
