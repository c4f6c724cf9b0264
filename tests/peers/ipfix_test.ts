/**
 * IPFIX of real flows, read back by real collectors, field by field.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import type { StructuredFlow } from "../../src/flow/structured.ts";
import { endFlows, HAS_CONNTRACK, makeFlows, track } from "../kernel/flows.ts";
import { startNfscribeWith } from "../kernel/nfscribe.ts";
import { Collector } from "../system/ipfix_collector.ts";
import { hasProgram, must, temporaryFolder, until } from "../system/process.ts";
import { type CollectedFlow, HAS_COLLECTORS, startNfacctd, startNfcapd } from "./collectors.ts";
import { lines } from "./record.ts";

const HAS_ALL = HAS_CONNTRACK && HAS_COLLECTORS && hasProgram("tcpdump") && hasProgram("tshark");
const NEEDS = HAS_ALL ? "" : " (needs nfdump, pmacct, tcpdump, tshark, conntrack, nft and root)";
/** UDP flows; of TCP there is one for each four of them. */
const COUNT = 200;
const [NFCAPD, NFACCTD] = [47390, 47391];
/** Numbers of protocols that have names in the structured form. */
const NUMBERS: Readonly<Record<string, number>> = {
  ICMP: 1,
  TCP: 6,
  UDP: 17,
  GRE: 47,
  ESP: 50,
  AH: 51,
  ICMPv6: 58,
};

/** Returns a flow as a collector should have it. */
function expected({ protocol, original, reply, nat, start, end }: StructuredFlow): CollectedFlow {
  const { source, destination, sourcePort, destinationPort, packets, bytes } = original;
  const { icmpType, icmpCode } = original;
  const isTranslated = nat !== undefined;
  return {
    protocol: typeof protocol === "number" ? protocol : NUMBERS[protocol]!,
    ...{ source, destination },
    sourcePort: sourcePort ?? 0,
    destinationPort: destinationPort ?? 0,
    packets: packets!,
    bytes: bytes!,
    replyPackets: reply!.packets!,
    replyBytes: reply!.bytes!,
    start: Date.parse(start!),
    end: Date.parse(end!),
    translatedSource: isTranslated ? reply!.destination : undefined,
    translatedDestination: isTranslated ? reply!.source : undefined,
    translatedSourcePort: isTranslated ? reply!.destinationPort : undefined,
    translatedDestinationPort: isTranslated ? reply!.sourcePort : undefined,
    icmp: icmpType === undefined ? undefined : [icmpType, icmpCode!],
  };
}

/** Sorts flows, for a comparison of those that come in no order. */
function sorted(flows: readonly CollectedFlow[]): CollectedFlow[] {
  const key = (flow: CollectedFlow) => JSON.stringify(Object.entries(flow).sort());
  return flows.toSorted((one, other) => key(one) < key(other) ? -1 : 1);
}

function assertSame(collected: readonly CollectedFlow[], sent: readonly CollectedFlow[]): void {
  const theirs = sorted(collected);
  sorted(sent).forEach((flow, index) => assertEquals(theirs[index], flow, `flow ${index}`));
  assertEquals(theirs.length, sent.length);
}

Deno.test({
  name:
    `Collectors of nfdump and pmacct have each field of each flow, and Wireshark finds no fault${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await using folder = await temporaryFolder();
    await using _tracked = await track();
    await using nfcapd = await startNfcapd(`${folder.path}/nfcapd`, NFCAPD);
    await using nfacctd = await startNfacctd(`${folder.path}/nfacctd`, NFACCTD);
    const capture = `${folder.path}/ipfix.pcap`;
    const tcpdump = new Deno.Command("tcpdump", {
      args: ["-U", "-i", "lo", "-w", capture, "udp", "port", `${NFCAPD}`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(
      "tcpdump captures",
      () => Deno.stat(capture).then(({ size }) => size > 0, () => false),
    );
    const config = `${folder.path}/nfscribe.toml`;
    const json = `${folder.path}/flows.json`;
    await Deno.writeTextFile(
      config,
      `[[source]]
type = "conntrack"
events = ["new", "destroy"]
[output.nfdump]
type = "ipfix"
url = "udp://127.0.0.1:${NFCAPD}"
nat_events = true
[output.pmacct]
type = "ipfix"
url = "udp://127.0.0.1:${NFACCTD}"
nat_events = true
[output.json]
path = "${json}"
[log]
format = "json"
`,
    );
    await using nfscribe = await startNfscribeWith(["--allow-net=127.0.0.1"], "-c", config);
    await makeFlows(COUNT);
    await endFlows();
    const ended = () =>
      lines(json).map((line): StructuredFlow => JSON.parse(line))
        .filter(({ event }) => event === "destroy");
    await until("all ends are there", () => ended().length >= COUNT * 1.25);
    nfscribe.kill("SIGINT");
    const { counters, code, stderr } = await nfscribe.ended();
    assertEquals(code, 0, stderr);
    const flows = ended();
    assertGreater(flows.length, COUNT * 1.25);
    const news = lines(json).length - flows.length;
    for (const name of ["nfdump", "pmacct"]) {
      const { written, filtered, failed } = counters.outputs[name]!;
      // Beginnings of the two flows whose addresses are translated are written.
      assertEquals([written, filtered, failed], [flows.length + 2, news - 2, 0], name);
    }
    await until(
      "the capture is whole",
      async () =>
        (await must(["tshark", "-r", capture, "-T", "fields", "-e", "frame.number"])).trim() !== "",
    );
    const sent = flows.map(expected);
    assertSame(await nfcapd.stop(), sent);
    assertStringIncludes(nfcapd.said, "Sequence Errors: 0, Bad Packets: 0");
    // What pmacct does not store.
    const without = sent.map(({ replyPackets: _, replyBytes: _bytes, icmp: _icmp, ...flow }) =>
      flow
    );
    assertSame(
      await nfacctd.stop(),
      without.map((flow) =>
        flow.translatedSource === undefined
          ? Object.fromEntries(
            Object.entries(flow).filter(([, value]) => value !== undefined),
          ) as unknown as CollectedFlow
          : flow
      ),
    );
    tcpdump.kill("SIGTERM");
    await tcpdump.status;
    const dissected = ["tshark", "-r", capture, "-d", `udp.port==${NFCAPD},cflow`];
    assertEquals(
      await must([...dissected, "-Y", "_ws.malformed or _ws.expert.severity >= warning"]),
      "",
    );
    const events = await must([...dissected, "-T", "fields", "-e", "cflow.nat_event"]);
    assertEquals(events.split(/[,\s]+/).filter((event) => event !== "").sort(), [
      "4",
      "4",
      "5",
      "5",
    ]);
  },
});

/** A flow that goes on: packets from one port of loopback to another. */
const [SENDER, RECEIVER] = [47392, 47393];

Deno.test({
  name: `Counts of a flow that goes on add up to those at its end${
    HAS_CONNTRACK ? "" : " (needs conntrack, nft and root)"
  }`,
  ignore: !HAS_CONNTRACK,
  async fn() {
    await using folder = await temporaryFolder();
    await using _tracked = await track();
    await using collector = new Collector();
    const config = `${folder.path}/nfscribe.toml`;
    const json = `${folder.path}/flows.json`;
    await Deno.writeTextFile(
      config,
      `[[source]]
type = "conntrack"
interim_seconds = 1
[output.ipfix]
url = "${collector.url}"
[output.json]
path = "${json}"
[log]
format = "json"
`,
    );
    await using nfscribe = await startNfscribeWith(["--allow-net=127.0.0.1"], "-c", config);
    const socket = createSocket("udp4");
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.bind(SENDER, "127.0.0.1", resolve));
    const records = () =>
      collector.messages.flat().flatMap((message) => message.records)
        .filter(({ sourceTransportPort }) => sourceTransportPort === SENDER);
    await until("the flow has gone on for three records", () => {
      socket.send(new Uint8Array(10), RECEIVER, "127.0.0.1");
      return records().length >= 3;
    });
    socket.close();
    await endFlows();
    await until("its end is there", () => records().at(-1)!.flowEndReason === 4);
    nfscribe.kill("SIGINT");
    assertEquals((await nfscribe.ended()).code, 0);
    const end = lines(json).map((line): StructuredFlow => JSON.parse(line))
      .find(({ event, original }) => event === "destroy" && original.sourcePort === SENDER)!;
    const sum = (name: string) =>
      records().reduce((total, values) => total + (values[name] as number), 0);
    assertEquals(sum("packetDeltaCount"), end.original.packets);
    assertEquals(sum("octetDeltaCount"), end.original.bytes);
    assertEquals(sum("reverse packetDeltaCount"), end.reply!.packets);
    const reasons = records().map(({ flowEndReason }) => flowEndReason);
    assertEquals(reasons, [...reasons.slice(0, -1).fill(2), 4]);
    assertGreater(end.original.packets!, 3);
  },
});
