import { assertEquals, assertMatch } from "@std/assert";
import { logemuFile, pcapFile } from "nfscribe";
import { HAS_TCPDUMP, must, TCPDUMP, temporaryFolder } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { HAS_VETH, HERE, openPeer, THERE } from "./peer.ts";
import { captureSoon, takeOne, udpProgram } from "./traffic.ts";

/** Address of no host. */
const UNUSED = "10.99.1.9";

Deno.test(
  "ARP packets logged at output are read and written as ARP after one Ethernet header (needs nft, veth, tcpdump)",
  { ignore: !HAS_NFT || !HAS_VETH || !HAS_TCPDUMP },
  async () => {
    await using folder = await temporaryFolder();
    const [pcap, log] = [`${folder.path}/arp.pcap`, `${folder.path}/arp.log`];
    await using peer = await openPeer();
    await using _rules = await nft([["output", "log group 209 queue-threshold 1"]], "arp");
    await using packets = await captureSoon({ group: 209 });
    {
      await using frames = await pcapFile(pcap, { linkType: "ethernet" });
      await using lines = await logemuFile(log, { dialect: "kernel", hostname: "gate" });
      const seen = async () => {
        const packet = await takeOne(packets);
        await frames.write(packet);
        await lines.write(packet);
        const { arp, ethernet, defect } = packet;
        return [arp?.operation, arp?.targetAddress, ethernet?.destination, defect];
      };
      // The peer asks for this host, which answers; then this host asks.
      await peer.must(udpProgram(HERE.address));
      assertEquals(await seen(), [2, THERE.address, THERE.link, undefined]);
      await must(udpProgram(UNUSED));
      assertEquals(await seen(), [1, UNUSED, "ff:ff:ff:ff:ff:ff", undefined]);
    }
    const said = await must([...TCPDUMP, "-nn", "-t", "-e", "-r", pcap]);
    assertEquals(said.trimEnd().split("\n"), [
      `${HERE.link} > ${THERE.link}, ethertype ARP (0x0806), length 42: ` +
      `Reply ${HERE.address} is-at ${HERE.link}, length 28`,
      `${HERE.link} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: ` +
      `Request who-has ${UNUSED} tell ${HERE.address}, length 28`,
    ]);
    assertMatch(
      (await Deno.readTextFile(log)).split("\n")[0]!,
      new RegExp(
        `kernel: IN= OUT=${HERE.device} ARP HTYPE=1 PTYPE=0x0800 OPCODE=2 MACSRC=${HERE.link} ` +
          `IPSRC=${HERE.address} MACDST=${THERE.link} IPDST=${THERE.address}`,
      ),
    );
  },
);
