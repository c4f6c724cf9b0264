/// <reference lib="dom" />
import { assertEquals, assertStringIncludes } from "@std/assert";
import { HAS_NFT, nft } from "../../kernel/firewall.ts";
import { must, temporaryFolder } from "../../system/process.ts";
import { freePort } from "../../system/server.ts";
import { WebProcess } from "../../system/web/web_process.ts";
import { CHROMIUM, Chromium } from "./chromium.ts";

/** Sends datagrams to a port of this host. */
async function send(text: string, port: number, count = 1): Promise<void> {
  const line = `for n in $(seq ${count}); do printf %s "$0" >/dev/udp/127.0.0.1/${port}; done`;
  await must(["bash", "-c", line, text]);
}

Deno.test(
  "A packet that a rule logs is on the page of nfscribe run --web, with its bytes (needs nft, Chromium)",
  {
    ignore: CHROMIUM === undefined || !HAS_NFT,
  },
  async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(
      `${folder.path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 1\n[actions]\n"drop*" = "drop"\n` +
        `[output.sqlite]\npath = "fw.db"\npayload = true\n[stats]\nsocket = "nfscribe.sock"\n` +
        `[web]\nlisten = "127.0.0.1:${freePort()}"\n`,
    );
    await using _rules = await nft([
      ["output", 'udp dport 5999 counter log prefix "drop <b>names</b> " group 1'],
    ]);
    await using both = await WebProcess.start(folder.path, "run", "-c", "./nfscribe.toml", "--web");
    await using chromium = await Chromium.start();
    await using tab = await chromium.open(both.url.href);
    await tab.see(".nothing", /./);
    await send("first words", 5999, 3);
    await tab.see(".line-row .cell-prefix", "drop <b>names</b>");
    await tab.see(".cell-times", "×3");
    await tab.see(".line-row .cell-action", "drop");
    await tab.see(".chart-key", "drop");
    await send("later words", 5999);
    await tab.see(".cell-times", "×4");
    await tab.press("j", "o");
    await tab.see(".records-side", "127.0.0.1");

    await tab.press("w");
    await tab.see(".download", "pcap");
    const size = await tab.page.evaluate(async () => {
      const links = [...document.querySelectorAll<HTMLAnchorElement>(".download a")];
      const { href } = links.find(({ href }) => href.includes("format=pcap&"))!;
      return (await (await fetch(href)).arrayBuffer()).byteLength;
    });
    // A file's head, and four packets of 39 bytes with their heads (draft-ietf-opsawg-pcap).
    assertEquals(size, 24 + 4 * (16 + 39));
    await tab.press("Escape", "Escape", "4");
    await tab.see("main", "nflog:1");
    assertStringIncludes(await tab.page.evaluate(() => document.title), "health");
  },
);
