/** ARP and RARP (RFC 826, RFC 903). */

import { hardwareText, ipv4Text } from "../../packet/address.ts";
import { ARP_OPERATIONS } from "../../packet/describe.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import type { Layer } from "./layer.ts";
import { etherType } from "./names.ts";
import { named } from "./values.ts";

const hardware = named({ 1: "Ethernet", 6: "IEEE 802", 15: "Frame Relay", 32: "InfiniBand" });
const operation = named(ARP_OPERATIONS);

/** Reads an ARP packet. */
export function arp(into: Layer): void {
  into.part("ARP", Infinity, (packet) => {
    packet.number("hardwareType", 2, hardware);
    const protocol = packet.number("protocolType", 2, etherType);
    const sizes = [packet.number("hardwareLength", 1), packet.number("protocolLength", 1)];
    const [hardwareSize, protocolSize] = sizes as [number, number];
    const kind = packet.number("operation", 2, operation);
    const link = (bytes: Uint8Array, at: number) => hardwareText(bytes, at, hardwareSize);
    const address = (bytes: Uint8Array, at: number) =>
      protocol === ETH_P_IP && protocolSize === 4
        ? ipv4Text(bytes, at)
        : hardwareText(bytes, at, protocolSize);
    packet.value("senderHardwareAddress", hardwareSize, link);
    packet.value("senderAddress", protocolSize, address);
    packet.value("targetHardwareAddress", hardwareSize, link);
    packet.value("targetAddress", protocolSize, address);
    return ARP_OPERATIONS[kind] ?? "";
  });
}
