import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { must, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords, type Running, startNfscribeWith } from "./nfscribe.ts";
import { sendUdp, startFlood } from "./traffic.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function start(folder: string, ...further: string[]): Promise<Running> {
  const socket = `${folder}/run.sock`;
  return await startNfscribeWith(
    [`--allow-net=unix:${socket}`],
    "-c",
    `${folder}/nfscribe.toml`,
    "--pid-file",
    `${folder}/pid`,
    ...further,
  );
}

Deno.test(
  "nfscribe run --takeover under a flood: no packet is lost, and sequence numbers continue (needs nft)",
  {
    ignore: !HAS_NFT,
  },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 990\ncopy_range = 100\nbuffer_size = 67108864\n` +
        `[output.pcap]\npath = "t.pcap"\n[stats]\nsocket = "run.sock"\n[log]\nformat = "json"\n`,
    );
    await using rules = await nft([["output", "udp dport 9 counter log group 990"]]);
    await using first = await start(path);
    const load = startFlood(72);
    await pause(500);
    await using second = await start(path, "--takeover");
    const ended = await first.ended();
    await pause(500);
    await using third = await start(path, "--takeover");
    const { counters: middle, code } = await second.ended();
    assertEquals(await Deno.readTextFile(`${path}/pid`), `${third.pid}\n`);
    await load.stop();
    sendUdp(1);
    third.kill("SIGTERM");
    const last = await third.ended();
    const runs = [ended.counters, middle, last.counters];
    assertEquals([ended.code, code, last.code], [0, 0, 0]);
    for (const { sources } of runs) {
      assertEquals(sources["nflog:990"]!.lost, 0);
      assertGreater(sources["nflog:990"]!.received, 0);
    }
    const logged = await rules.count();
    assertEquals(
      runs.reduce((sum, { sources }) => sum + sources["nflog:990"]!.received, 0),
      logged,
    );
    assertEquals(await countRecords(`${path}/t.pcap`), logged);
  },
);

Deno.test(
  "--takeover without a running process is an ordinary start (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 991\nqueue_timeout_ms = 10\n[output.pcap]\npath = "t.pcap"\n` +
        `[stats]\nsocket = "run.sock"\n[log]\nformat = "json"\n`,
    );
    await using _rules = await nft([["output", "udp dport 9 log group 991"]]);
    await using nfscribe = await start(path, "--takeover");
    sendUdp(5);
    await until("they are there", () => hasRecords(`${path}/t.pcap`, 5));
    // Two of them cannot hold one PID file.
    const other = await start(path).catch(String);
    assertStringIncludes(String(other), `process ${nfscribe.pid} holds it`);
    nfscribe.kill("SIGTERM");
    assertEquals((await nfscribe.ended()).code, 0);
    assertEquals((await must(["ls", path])).includes("pid"), false);
  },
);
