import { assertEquals } from "@std/assert";
import { temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, startNfscribe } from "./nfscribe.ts";
import { sendUdp, startFlood } from "./traffic.ts";

const RATE = 100_000;
const RELOADED = "The configuration was replaced";
/** Tables of one source, each with another option changed. */
const CHANGES = [
  "copy_range = 40",
  "copy_range = 40\nbuffer_size = 33554432",
  "copy_range = 40\nqueue_threshold = 64",
  `copy_range = 40\nname = "web"`,
  `copy_range = 40\nname = "web"\nqueue_timeout_ms = 50`,
];

Deno.test({
  name: `a reload that changes options of a source loses no packet under load${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  async fn() {
    await using folder = await temporaryFolder();
    const config = `${folder.path}/nfscribe.toml`;
    const write = (lines: string) =>
      Deno.writeTextFile(
        config,
        `[[source]]\ntype = "nflog"\ngroup = 977\n${lines}\n[output.pcap]\npath = "t.pcap"\n` +
          `[log]\nformat = "json"\n`,
      );
    await using rules = await nft([["output", "udp dport 9 counter log group 977"]]);
    await write("copy_range = 100");
    await using nfscribe = await startNfscribe("-c", config);
    const load = startFlood(72, 9, RATE);
    let done = 0;
    for (const change of CHANGES) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await write(change);
      nfscribe.kill("SIGHUP");
      done++;
      await until(
        "it is replaced",
        () => messages(nfscribe.said).filter((message) => message === RELOADED).length === done,
      );
    }
    await load.stop();
    sendUdp(10);
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(Object.keys(counters.sources), ["web"], stderr);
    const { received, lost } = counters.sources.web!;
    assertEquals([received, lost, code], [await rules.count(), 0, 0], stderr);
    assertEquals(await countRecords(`${folder.path}/t.pcap`), received);
  },
});
