import { assertEquals, assertStringIncludes } from "@std/assert";
import { deno, ROOT, temporaryFolder, until } from "../system/process.ts";
import { start } from "../system/terminal.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

Deno.test({
  name: "nfscribe watch shows what an expression chooses of a rule's packets (needs nft)",
  ...needsNft,
  fn: async () => {
    await using _rules = await nft([
      ["output", 'udp dport 9 log prefix "mail in" group 961'],
      ["output", 'udp dport 10 log prefix "web" group 961'],
    ]);
    const command = deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, "watch");
    const where = ["udp", "and", "(prefix mail* or src port 1)", "and out lo and hook output"];
    await using watching = start([...command, "--group", "961", "--count", "2", ...where]);
    await watching.says("nfscribe: watching group 961");
    sendUdp(3, 30, 10);
    sendUdp(2, 40, 9);
    const { code, stdout, stderr } = await watching.ended();
    assertEquals(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assertEquals([lines.length, lines.every((line) => line.includes(":9 UDP"))], [2, true]);
    assertStringIncludes(stderr, "shown 2, not chosen 3, lost 0\n");
  },
});

Deno.test({
  name: "a reload takes a changed expression, and no output is opened again (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([["output", "udp dport 9-10 log group 962"]]);
    const [config, text] = [`${folder.path}/t.toml`, `${folder.path}/lines`];
    const write = (port: number) =>
      Deno.writeTextFile(
        config,
        `[[source]]\ntype = "nflog"\ngroup = 962\nqueue_timeout_ms = 10\n` +
          `[filter]\nwhere = "udp dst port ${port} and not host ::1"\n` +
          `[output.logemu]\npath = "${text}"\n[log]\nformat = "json"\n`,
      );
    await write(9);
    await using nfscribe = await startNfscribe("-c", config);
    const { ino } = await Deno.stat(text);
    const lines = async () => (await Deno.readTextFile(text)).split("\n").length - 1;
    sendUdp(5, 30, 10);
    sendUdp(3, 30, 9);
    await until("three lines", async () => await lines() === 3);
    await write(10);
    nfscribe.kill("SIGHUP");
    await until("the reload", () => nfscribe.said.includes("The configuration was replaced"));
    sendUdp(5, 30, 10);
    await until("eight lines", async () => await lines() === 8);
    assertEquals((await Deno.stat(text)).ino, ino);
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    assertEquals(counters.filter, { passed: 8, dropped: 5, failed: 0, timedOut: 0 });
    const { written, filtered } = counters.outputs.logemu!;
    assertEquals([written, filtered], [8, 5]);
  },
});
