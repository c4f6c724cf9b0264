import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HAS_TCPDUMP, TCPDUMP, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribe, writeConfig } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const needsTcpdump = { ignore: !HAS_NFT || !HAS_TCPDUMP };

/** tcpdump's line for a packet of {@linkcode sendUdp}. */
const LINE = /^IP 127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.9: UDP, length \d+$/;

/** Runs tcpdump on a pcap stream; `lines` grows while it runs. */
function tcpdump(input: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const [command, ...args] = [...TCPDUMP, "-l", "-r", "-", "-qtnp"];
  const child = new Deno.Command(command!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines: string[] = [];
  const reading = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
    }
  })();
  const piping = input.pipeTo(child.stdin);
  return { lines, ended: () => Promise.all([reading, piping, child.status]) };
}

Deno.test(
  "tail -f of the pcap file shows packets while nfscribe runs (needs nft, tail, tcpdump)",
  needsTcpdump,
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/live.pcap`;
    await using _rules = await nft([["output", "udp dport 9 log group 901"]]);
    await using nfscribe = await startNfscribe("--group", "901", "--pcap", path);
    const tail = new Deno.Command("tail", {
      args: [`--pid=${nfscribe.pid}`, "-c", "+1", "-f", path],
      stdout: "piped",
    }).spawn();
    const { lines, ended } = tcpdump(tail.stdout);
    for (let size = 1; size <= 3; size++) {
      sendUdp(1, size);
      await until("tcpdump shows the packet", () => lines.length === size);
      assertMatch(lines.at(-1)!, LINE);
      assertStringIncludes(lines.at(-1)!, `length ${size}`);
    }
    nfscribe.kill("SIGTERM");
    assertEquals((await nfscribe.ended()).code, 0);
    await Promise.all([tail.status, ended()]);
    assertEquals(lines.length, 3);
  },
);

Deno.test(
  "nfscribe run --pcap - shows packets in tcpdump while it runs, and all of them at its end (needs nft, tcpdump)",
  needsTcpdump,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 902"]]);
    await using nfscribe = await startNfscribe("--group", "902", "--pcap", "-");
    const { lines, ended } = tcpdump(nfscribe.stdout);
    sendUdp(1, 10);
    await until("tcpdump shows the packet", () => lines.length === 1);
    assertMatch(lines[0]!, LINE);
    sendUdp(5000, 100);
    nfscribe.kill("SIGINT");
    assertEquals((await nfscribe.ended()).code, 0);
    await ended();
    assertEquals(lines.length, 5001);
  },
);

Deno.test("nfscribe run --pcap - ends with status 1 when its reader leaves (needs nft)", {
  ignore: !HAS_NFT,
}, async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await writeConfig(file, { groups: [903], pcap: "-" });
  await using _rules = await nft([["output", "udp dport 9 log group 903"]]);
  await using nfscribe = await startNfscribe("-c", file);
  await nfscribe.stdout.cancel();
  sendUdp(10);
  const { code, stderr, counters } = await nfscribe.ended();
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "Cannot write standard output: the reader at its other end is gone",
  );
  const { written, failed } = counters.outputs.pcap!;
  assertEquals([written, failed], [0, 10]);
});
