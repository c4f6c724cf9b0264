import { assertEquals } from "@std/assert";
import type { Capture } from "nfscribe";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";
import { HAS_VETH, openPeer } from "./peer.ts";
import { captureSoon, sendUdp, take, udpProgram } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

/** Returns the output of `nfscribe rules`. */
function rules(...args: readonly string[]): Promise<string> {
  return must(deno("--allow-read", `${ROOT}main.ts`, "rules", ...args));
}

/** Returns the ruleset without its counters. */
async function ruleset(): Promise<string> {
  return (await must(["nft", "list", "ruleset"])).replaceAll(/packets \d+ bytes \d+/g, "");
}

/** Returns prefix, length and payload length of the next packet. */
async function facts(packets: Capture) {
  const [packet] = await take(packets, 1);
  const { prefix, payload, destinationPort } = packet!;
  return { prefix, length: payload!.length, port: destinationPort };
}

Deno.test(
  "nfscribe rules --to nft: the rules load, load again, log to their group, and are removed completely (needs nft)",
  needsNft,
  async () => {
    const before = await ruleset();
    const options = ["--group", "81", "--copy-range", "40", "--match", "udp dport 9"];
    const printed = await rules(...options, "--to", "nft");
    await must(["nft", "-f", "-"], printed);
    const loaded = await ruleset();
    await must(["nft", "-f", "-"], printed);
    assertEquals(await ruleset(), loaded);
    await using packets = await captureSoon({ group: 81 });
    sendUdp(1, 72, 10);
    sendUdp(1, 72, 9);
    assertEquals(await facts(packets), { prefix: "input", length: 40, port: 9 });
    const remove = await rules(...options, "--to", "nft", "--remove");
    for (let i = 0; i < 2; i++) await must(["nft", "-f", "-"], remove);
    assertEquals(await ruleset(), before);
  },
);

Deno.test(
  "nfscribe rules: without options new connections are logged, of both IP versions (needs nft)",
  needsNft,
  async () => {
    await must(["nft", "-f", "-"], await rules("--group", "82", "--to", "nft"));
    await using packets = await captureSoon({ group: 82 });
    await run(udpProgram("127.0.0.1"));
    await run(udpProgram("::1"));
    const families = (await take(packets, 2)).map(({ ip }) => ip?.version);
    assertEquals(families, [4, 6]);
    await must(["nft", "-f", "-"], await rules("--group", "82", "--to", "nft", "--remove"));
  },
);

Deno.test(
  "nfscribe rules --iptables: a shell loads the rules, they log to their group, and are removed completely (needs iptables)",
  { ignore: !HAS_IPTABLES },
  async () => {
    const list = async () =>
      (await Promise.all(["iptables", "ip6tables"].map((p) => must([`${p}-legacy`, "-S"])))).join();
    const shell = (text: string) =>
      must(["sh", "-e"], text.replaceAll(/^(ip6?tables)(?= )/gm, "$1-legacy"));
    await must(["iptables-legacy", "-A", "INPUT", "-p", "tcp", "--dport", "1", "-j", "ACCEPT"]);
    try {
      const before = await list();
      const hooks = ["--hook", "input", "--hook", "output"];
      const options = [
        "--group",
        "83",
        "--match",
        "-p udp --dport 9",
        "--prefix",
        "it's",
        ...hooks,
      ];
      await shell(await rules(...options, "--iptables"));
      await using packets = await captureSoon({ group: 83 });
      sendUdp(1, 72, 9);
      const taken = await take(packets, 2);
      assertEquals(taken.map(({ hook, prefix }) => [hook, prefix]), [[3, "it's"], [1, "it's"]]);
      await shell(await rules(...options, "--iptables", "--remove"));
      assertEquals(await list(), before);
    } finally {
      await must(["iptables-legacy", "-F"]);
    }
  },
);

Deno.test(
  "nfscribe rules: sources of another network namespace get rules there, both forms (needs nft, iptables, nsenter)",
  { ignore: !HAS_NFT || !HAS_VETH || !canRun("nsenter", "--version") },
  async () => {
    await using folder = await temporaryFolder();
    await using peer = await openPeer();
    const file = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(
      file,
      `[[source]]\ntype = "nflog"\ngroup = 84\nnetns = ${peer.pid}\n[output.pcap]\npath = "x"\n`,
    );
    await must(["sh", "-e"], await rules("-c", file, "--to", "nft"));
    await peer.must(["sh", "-c", "nft list ruleset | grep -q 'group 84'"]);
    assertEquals((await ruleset()).includes("group 84"), false);
    await must(["sh", "-e"], await rules("-c", file, "--to", "nft", "--remove"));
    assertEquals(await peer.must(["nft", "list", "ruleset"]), "");
  },
);
