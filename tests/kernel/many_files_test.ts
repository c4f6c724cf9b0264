/**
 * Rotation in a folder with very many rotated files. `deno task test:faults` has more: ENDED_FILES
 * is the number.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { must, temporaryFolder } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";
import { flood } from "./traffic.ts";

const FILES = Number(Deno.env.get("ENDED_FILES") ?? 20_000);
const RATE = 100_000;

Deno.test({
  name: `rotation beside ${FILES} rotated files loses no packet${HAS_NFT ? "" : " (needs nft)"}`,
  ignore: !HAS_NFT,
  async fn() {
    await using folder = await temporaryFolder();
    const config = `${folder.path}/nfscribe.toml`;
    await Deno.mkdir(`${folder.path}/files`);
    await must([
      "sh",
      "-c",
      'cd "$0" && seq "$1" | xargs printf "t.pcap.20200101T000000Z-%d\\n" | xargs touch',
      `${folder.path}/files`,
      String(FILES),
    ]);
    // With a record each: files without any are removed.
    await must([
      "sh",
      "-c",
      'find "$0" -type f -exec truncate -s 100 {} +',
      `${folder.path}/files`,
    ]);
    await Deno.writeTextFile(
      config,
      `[[source]]\ntype = "nflog"\ngroup = 979\ncopy_range = 60\n` +
        `[output.pcap]\npath = "files/t.pcap"\nrotate_size = 4194304\nrotate_keep = ${
          FILES - 10
        }\n` +
        `[log]\nformat = "json"\n`,
    );
    await using rules = await nft([["input", "udp dport 9 counter log group 979 drop"]]);
    await using nfscribe = await startNfscribe("-c", config);
    await flood(5 * RATE, 72, 9, RATE);
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    const { received, lost } = counters.sources["nflog:979"]!;
    assertEquals([received, lost], [await rules.count(), 0], stderr);
    const names = [...Deno.readDirSync(`${folder.path}/files`)].map(({ name }) => name);
    assertEquals(names.length, FILES - 10 + 1);
    assertGreater(names.filter((name) => !name.includes(".2020")).length, 5);
  },
});
