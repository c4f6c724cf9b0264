import { assertEquals } from "@std/assert";
import { temporaryFolder } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const NEEDS = HAS_NFT ? "" : " (needs nft)";
const GROUP = 62;
const PORTS = [4101, 4102, 4103];
/** Prefixes that nft accepts: a line end, escape sequences, and marks that reorder text. */
const PREFIXES = ["a\nNov 14 22:13:20 fw IN=forged", "\x1b[2J\x07b", "c\u202e\u2028\u0085"];
const ESCAPED = [
  String.raw`a\x0aNov 14 22:13:20 fw IN=forged`,
  String.raw`\x1b[2J\x07b`,
  String.raw`c\xe2\x80\xae\xe2\x80\xa8\xc2\x85`,
];
const DIALECTS = ["ulogd2", "ulogd1", "kernel"];

Deno.test({
  name: `a prefix with line ends and escape sequences is one line in every dialect${NEEDS}`,
  ignore: NEEDS !== "",
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const outputs = DIALECTS.map((dialect) =>
      `[output.${dialect}]\ntype = "logemu"\npath = "${dialect}.log"\ndialect = "${dialect}"\n`
    );
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = ${GROUP}\n${outputs.join("")}[log]\nformat = "json"\n`,
    );
    await using _rules = await nft([[
      "output",
      PREFIXES.map((prefix, index) =>
        `udp dport ${PORTS[index]} log prefix "${prefix}" group ${GROUP}`
      ).join("\n"),
    ]]);
    await using nfscribe = await startNfscribe("-c", `${path}/nfscribe.toml`);
    for (const port of PORTS) sendUdp(1, 72, port);
    nfscribe.kill("SIGTERM");
    await nfscribe.ended();
    for (const dialect of DIALECTS) {
      const lines = (await Deno.readTextFile(`${path}/${dialect}.log`)).split("\n");
      const prefixes = lines.map((line) => line.replace(/^\w+ +\d+ [\d:]+ \S+ (kernel: )?/, ""))
        .map((line) => line.replace(/ *IN= OUT=lo .*$/, ""));
      assertEquals(prefixes, [...ESCAPED, ""], dialect);
    }
  },
});
