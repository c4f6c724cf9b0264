import { assertEquals, assertGreater } from "@std/assert";
import type { Packet } from "nfscribe";
import { HAS_NFT } from "../kernel/firewall.ts";
import { captureSoon } from "../kernel/traffic.ts";
import { startNfscribe, writeConfig } from "../kernel/nfscribe.ts";
import { HAS_TCPDUMP, temporaryFolder, until } from "../system/process.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { randomFrames } from "./random_packets.ts";
import { HAS_TCPREPLAY, layWire } from "./replay.ts";
import { tcpdump, theirWords } from "./tcpdump.ts";

const HAS_ALL = HAS_TCPDUMP && HAS_TCPREPLAY && HAS_NFT;
const NEEDS = HAS_ALL ? "" : " (needs tcpdump and tcpreplay)";

function ourWords(packet: Packet, withPorts: boolean): string | undefined {
  const { ip, ipv4, sourcePort, destinationPort } = packet;
  if (ip === undefined) return undefined;
  const { version, trafficClass, hopLimit, fragmentOffset, totalLength } = ip;
  const hasPorts = withPorts && sourcePort !== undefined;
  const source = hasPorts ? `${ip.source}.${sourcePort}` : ip.source;
  const destination = hasPorts ? `${ip.destination}.${destinationPort}` : ip.destination;
  // After IPv6 extension headers tcpdump prints protocol and offset differently.
  return version === 4
    ? `4 class ${trafficClass} hops ${hopLimit} offset ${fragmentOffset} protocol ` +
      `${ipv4?.headerProtocol} length ${totalLength} ${source} > ${destination}`
    : `6 class ${trafficClass} hops ${hopLimit} length ${totalLength} ${source} > ${destination}`;
}

/** Returns the same words out of a line of JSON. */
function jsonWords(line: string): string | undefined {
  const { ip, source, sourcePort, destination, destinationPort } = JSON.parse(line);
  if (ip === undefined) return undefined;
  const { version, trafficClass, hopLimit, fragmentOffset, totalLength } = ip;
  const [from, to] = sourcePort === undefined
    ? [source, destination]
    : [`${source}.${sourcePort}`, `${destination}.${destinationPort}`];
  return version === 4
    ? `4 class ${trafficClass} hops ${hopLimit} offset ${fragmentOffset} protocol ` +
      `${ip.headerProtocol} length ${totalLength} ${from} > ${to}`
    : `6 class ${trafficClass} hops ${hopLimit} length ${totalLength} ${from} > ${to}`;
}

async function compare(frames: readonly Frame[], ignored: (packet: Packet) => boolean) {
  await using folder = await temporaryFolder();
  const [path, config] = [`${folder.path}/nfscribe.pcap`, `${folder.path}/nfscribe.toml`];
  await writeConfig(config, { groups: [921], pcap: path });
  await using wire = await layWire({ folder: folder.path, log: ["log group 921\nlog group 922"] });
  const json = `${folder.path}/nfscribe.json`;
  await using nfscribe = await startNfscribe("-c", config, "--json", json, "--copy-range", "0");
  await using packets = await captureSoon({ group: 922 });
  const taken: Packet[] = [];
  const taking = (async () => {
    for await (const packet of packets) taken.push(packet);
  })();
  await wire.send(frames, () => true);
  const count = await wire.count();
  await until("all packets have been captured", () => taken.length >= count);
  nfscribe.kill("SIGTERM");
  assertEquals((await nfscribe.ended()).counters.outputs.pcap?.written, count);
  await packets.close();
  await taking;

  const said = await tcpdump(path);
  assertEquals(said.length, count);
  const lines = (await Deno.readTextFile(json)).trimEnd().split("\n");
  assertEquals(lines.length, count);
  const differences: string[] = [];
  let compared = 0;
  for (const [index, packet] of taken.entries()) {
    const theirs = theirWords(said[index]!);
    // Proved equal to what tcpdump says, as far as that is compared.
    assertEquals(jsonWords(lines[index]!), ourWords(packet, true));
    if (theirs === undefined || ignored(packet)) continue;
    compared++;
    // It omits the ports if it decodes the packet's data as another protocol.
    if (theirs === ourWords(packet, true) || theirs === ourWords(packet, false)) continue;
    differences.push(
      `packet  ${packet}\npayload ${packet.payload?.toHex()}\ntheirs  ${said[index]}\n        ` +
        `${theirs}\nours    ${ourWords(packet, true)}\n`,
    );
  }
  if (differences.length > 0) {
    throw new Error(
      `${differences.length} of ${compared} packets differ:\n${
        differences.slice(0, 10).join("\n")
      }`,
    );
  }
  // tcpdump gives up on some, and some are not compared.
  assertGreater(compared, count * 0.8);
}

Deno.test({
  name: "tcpdump and nfscribe agree about every packet of the captures" + NEEDS +
    (HAS_CAPTURES ? "" : " (needs ../shared/pcaps)"),
  ignore: !HAS_ALL || !HAS_CAPTURES,
  fn: async () => compare(await captureFrames(), () => false),
});

Deno.test({
  name: `tcpdump and nfscribe agree about random packets${NEEDS}`,
  ignore: !HAS_ALL,
  // It prints addresses that begin with 96 zeros in the deprecated form, such as ::192.0.2.1.
  fn: () => compare(randomFrames(5, 3000), ({ ip }) => ip!.source.startsWith("::")),
});
