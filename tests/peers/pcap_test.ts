import { assertEquals, assertGreater } from "@std/assert";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { startNfscribe, writeConfig } from "../kernel/nfscribe.ts";
import { must, temporaryFolder, until } from "../system/process.ts";
import { hasUlogd, startUlogd } from "./ulogd.ts";

const HAS_ULOGD = hasUlogd("PCAP");

/** Returns the records of a pcap file without their times, in which two groups differ. */
async function recordsOf(path: string): Promise<string[]> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const records: string[] = [];
  for (let at = 24; at < bytes.length;) {
    const captured = view.getUint32(at + 8, true);
    const original = view.getUint32(at + 12, true);
    const packet = bytes.subarray(at + 16, at + 16 + captured);
    records.push(`${captured} of ${original}: ${packet.toHex()}`);
    at += 16 + captured;
  }
  return records;
}

Deno.test({
  name: "nfscribe and ulogd write the same records, and nfscribe appends to ulogd's file" +
    (HAS_ULOGD ? "" : " (needs ulogd2-pcap and root)"),
  ignore: !HAS_ULOGD || !HAS_NFT,
  async fn() {
    await using folder = await temporaryFolder();
    const theirs = `${folder.path}/ulogd.pcap`;
    const ours = `${folder.path}/nfscribe.pcap`;
    const config = `${folder.path}/nfscribe.toml`;
    const match = "meta l4proto { icmp, ipv6-icmp } log group";
    await using _rules = await nft([["input", `${match} 901`], ["input", `${match} 902`]]);
    await writeConfig(config, { groups: [901], pcap: ours });
    {
      await using _ulogd = await startUlogd(
        folder.path,
        902,
        { plugin: "PCAP", options: `file="${theirs}"\nsync=1` },
        ["raw2packet_BASE:BASE"],
      );
      await using nfscribe = await startNfscribe("-c", config, "--copy-range", "0");
      await must(["ping", "-c", "3", "-i", "0.01", "-s", "1000", "127.0.0.1"]);
      await must(["ping", "-c", "3", "-i", "0.01", "::1"]);
      nfscribe.kill("SIGTERM");
      assertEquals((await nfscribe.ended()).code, 0);
      await until(
        "ulogd has written twelve packets",
        async () => (await recordsOf(theirs)).length === 12,
      );
    }
    const records = await recordsOf(ours);
    assertEquals(records, await recordsOf(theirs));
    assertEquals(records.length, 12);

    const { size } = await Deno.stat(theirs);
    await writeConfig(config, { groups: [901], pcap: theirs });
    await using nfscribe = await startNfscribe("-c", config);
    await must(["ping", "-c", "1", "127.0.0.1"]);
    nfscribe.kill("SIGTERM");
    assertEquals((await nfscribe.ended()).counters.outputs.pcap?.written, 2);
    assertGreater((await Deno.stat(theirs)).size, size);
    assertEquals((await recordsOf(theirs)).length, 14);
  },
});
