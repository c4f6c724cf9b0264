/** Addresses and ports, as the Elastic Common Schema and OCSF name them alike. */

import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ETH_P_IP } from "../../packet/ether_types.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import { portsAt } from "../../packet/transport.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { address, arpAddress } from "./network.ts";
import { writeNumber } from "./printer.ts";

const IP = new Word(',"ip":"');
const QUOTE = new Word('"');
const PORT = new Word(',"port":');

/** Returns whether a packet has IP addresses: it is IP, or ARP that resolves IPv4 addresses. */
export function hasAddresses({ network, bytes, at }: Layers): boolean {
  return network === ARP ? readBe16(bytes, at + 2) === ETH_P_IP : network !== 0;
}

/** Writes the IP address and the port of one end, as far as they are known. */
export function writeEndpoint(line: LineWriter, layers: Layers, isSource: boolean): void {
  const { bytes, at, network } = layers;
  if (hasAddresses(layers)) {
    line.word(IP);
    const hardware = bytes[at + 4]!;
    const offset = isSource ? hardware : 2 * hardware + bytes[at + 5]!;
    if (network === ARP) arpAddress(line, bytes, at, offset);
    else if (isSource) address(line, layers, 12, 8);
    else address(line, layers, 16, 24);
    line.word(QUOTE);
  }
  const ports = portsAt(layers);
  if (ports !== ABSENT) writeNumber(line, PORT, readBe16(bytes, ports + (isSource ? 0 : 2)));
}
