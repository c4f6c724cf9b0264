/**
 * Runs tcpdump and converts its output for comparison.
 *
 * @module
 */

import { must, TCPDUMP } from "../system/process.ts";

/** Patterns of tcpdump's verbose output for an IPv4 packet, and for an IPv6 packet. */
const IPV4 =
  /^IP \(tos 0x([0-9a-f]+)\S*,(?: ttl (\d+),)? id \d+, offset (\d+), flags \[.*?\], proto .*? \((\d+)\), length (\d+).*?\)\s+(\S+) > (\S+):(?:\s|$)/s;
const IPV6 =
  /^IP6 \((?:class 0x([0-9a-f]+), )?(?:flowlabel 0x[0-9a-f]+, )?hlim (\d+), next-header .+? \(\d+\) payload length: (\d+)\) (\S+) > (\S+):(?:\s|$)/s;

/** Converts tcpdump's output for a packet to the common form; undefined if tcpdump gives up. */
export function theirWords(said: string): string | undefined {
  const four = IPV4.exec(said);
  if (four !== null) {
    const [, tos, ttl = "0", offset, protocol, length, source, destination] = four;
    return `4 class ${parseInt(tos!, 16)} hops ${ttl} offset ${offset} protocol ${protocol} ` +
      `length ${length} ${source} > ${destination}`;
  }
  const six = IPV6.exec(said);
  if (six === null) return undefined;
  const [, trafficClass = "0", hops, length, source, destination] = six;
  return `6 class ${parseInt(trafficClass, 16)} hops ${hops} length ${Number(length) + 40} ` +
    `${source} > ${destination}`;
}

/** Returns tcpdump's output for each packet of a file. */
export async function tcpdump(path: string): Promise<string[]> {
  const text = await must([...TCPDUMP, "-nn", "-t", "-v", "-#", "-r", path]);
  const said: string[] = [];
  for (const line of text.split("\n")) {
    const [, number, rest] = /^ *(\d+) {2}(.*)$/.exec(line) ?? [];
    if (Number(number) === said.length + 1) said.push(rest!);
    else if (said.length > 0) said[said.length - 1] += `\n${line}`;
  }
  return said;
}
