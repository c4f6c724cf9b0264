import { assertEquals, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT } from "./firewall.ts";
import { startNfscribeWith } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

Deno.test(
  "The configuration of nfscribe init runs on the kernel, with the rules that nfscribe rules prints (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const nfscribe = (...args: string[]) =>
      must(deno("--allow-read", "--allow-write", `${ROOT}main.ts`, ...args));
    await nfscribe("init", "--folder", path, "--group", "86", "--copy-range", "60");
    const file = `${path}/nfscribe.toml`;
    // The counters at the end are read from a JSON log.
    const config = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, `${config}format = "json"\n`);
    const rules = ["rules", "-c", file, "--match", "udp dport 9", "--to", "nft"];
    await must(["nft", "-f", "-"], await nfscribe(...rules));
    try {
      const socket = `--allow-net=unix:${path}/nfscribe.sock`;
      await using running = await startNfscribeWith([socket], "-c", file);
      sendUdp(3);
      await until("three lines", async () => {
        const text = await Deno.readTextFile(`${path}/nfscribe.log`).catch(() => "");
        return text.split("\n").length === 4;
      });
      running.kill("SIGTERM");
      const { code, counters } = await running.ended();
      assertEquals([code, counters.sources["nflog:86"]!.received], [0, 3]);
      assertEquals(counters.outputs.pcap!.filtered, 3, "the filter sends them to the lines alone");
      const text = await Deno.readTextFile(`${path}/nfscribe.log`);
      assertStringIncludes(text, " input IN=lo ");
    } finally {
      await must(["nft", "-f", "-"], await nfscribe(...rules, "--remove"));
    }
  },
);
