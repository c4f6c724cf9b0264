import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { canRun, must, temporaryFolder, until } from "../system/process.ts";
import { assertBalance, messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords, type Running, startNfscribeWith } from "./nfscribe.ts";
import { flood, sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };
const COUNT = 100_000;

/** Starts a configuration with one group. */
async function start(folder: string, group: number, rest: string): Promise<Running> {
  await Deno.writeTextFile(`${folder}/nfscribe.toml`, configuration(group, rest));
  return await startNfscribeWith([], "-c", `${folder}/nfscribe.toml`);
}

const configuration = (group: number, rest: string) =>
  `stop_timeout_ms = 2000\n[[source]]\ntype = "nflog"\ngroup = ${group}\ncopy_range = 100\nqueue_timeout_ms = 10\n${rest}\n` +
  `[log]\nformat = "json"\n`;

const logTo = (group: number) => nft([["output", `udp dport 9 counter log group ${group}`]]);

Deno.test(
  "a blocked reader delays no other output (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await must(["mkfifo", `${path}/pipe`]);
    // It opens the pipe and reads nothing.
    const reader = new Deno.Command("sh", { args: ["-c", 'exec sleep 60 <"$0"', `${path}/pipe`] })
      .spawn();
    await using rules = await logTo(970);
    await using nfscribe = await start(
      path,
      970,
      `[output.pcap]\npath = "t.pcap"\n` +
        `[output.pipe]\ntype = "pcap"\npath = "pipe"\nqueue_size = 1048576`,
    ).catch(async (error) => {
      reader.kill();
      await reader.status;
      throw error;
    });
    await flood(COUNT);
    await until("all are in the file", () => hasRecords(`${path}/t.pcap`, COUNT));
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    reader.kill();
    await reader.status;
    assertEquals(code, 3);
    assertBalance(counters, "nflog:970", await rules.count());
    assertEquals(counters.outputs.pcap!.written, COUNT);
    assertGreater(counters.outputs.pipe!.dropped, COUNT / 2);
  },
);

Deno.test("a pipe whose reader leaves takes the next one (needs nft)", needsNft, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await must(["mkfifo", `${path}/pipe`]);
  const first = new Deno.Command("head", { args: ["-c", "300", `${path}/pipe`], stdout: "null" })
    .spawn();
  await using rules = await logTo(971);
  await using nfscribe = await start(
    path,
    971,
    `[output.pcap]\npath = "t.pcap"\n[output.pipe]\ntype = "logemu"\nhostname = "gate"\npath = "pipe"`,
  );
  for (let n = 0; n < 10; n++) {
    sendUdp(100);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await first.status;
  const second = new Deno.Command("cat", { args: [`${path}/pipe`], stdout: "piped" }).spawn();
  await new Promise((resolve) => setTimeout(resolve, 700));
  sendUdp(50);
  await new Promise((resolve) => setTimeout(resolve, 300));
  nfscribe.kill("SIGTERM");
  const { counters, stderr } = await nfscribe.ended();
  const lines = new TextDecoder().decode((await second.output()).stdout).trimEnd().split("\n");
  assertBalance(counters, "nflog:971", await rules.count());
  assertEquals(counters.outputs.pcap!.written, 1050);
  assertGreater(counters.outputs.pipe!.failed, 0);
  assert(lines.length >= 50, `${lines.length}`);
  assertEquals(lines.filter((line) => !line.includes("DPT=9")), []);
  const said = messages(stderr).join("\n");
  assertStringIncludes(said, "the reader at its other end is gone; it is tried again");
  assertStringIncludes(said, "It can be written again after");
});

const MAY_MOUNT = canRun("unshare", "--mount", "true");

Deno.test(
  "a disk that fills and is freed: the file is whole, other outputs get all packets (needs nft and mounts)",
  {
    ignore: !HAS_NFT || !MAY_MOUNT,
  },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/small`);
    await must(["mount", "-t", "tmpfs", "-o", "size=2m", "none", `${path}/small`]);
    try {
      await using rules = await logTo(972);
      await using nfscribe = await start(
        path,
        972,
        `[output.pcap]\npath = "t.pcap"\n[output.full]\ntype = "pcap"\npath = "small/t.pcap"`,
      );
      await Deno.writeFile(`${path}/small/ballast`, new Uint8Array(1_500_000));
      await flood(20_000);
      await until(
        "all are in the file",
        async () => await countRecords(`${path}/t.pcap`) === 20_000,
      );
      const before = await countRecords(`${path}/small/t.pcap`);
      await Deno.remove(`${path}/small/ballast`);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      sendUdp(100);
      await until(
        "it is written again",
        async () => await countRecords(`${path}/small/t.pcap`) > before,
      );
      nfscribe.kill("SIGTERM");
      const { code, counters, stderr } = await nfscribe.ended();
      assertEquals(code, 3);
      assertBalance(counters, "nflog:972", await rules.count());
      const { written, failed } = counters.outputs.full!;
      assertEquals(await countRecords(`${path}/small/t.pcap`), written);
      assertGreater(failed, 0);
      const said = messages(stderr).join("\n");
      assertStringIncludes(said, "No space left on device");
      assertStringIncludes(said, "It can be written again after");
    } finally {
      await must(["umount", `${path}/small`]);
    }
  },
);

Deno.test(
  "SIGHUP replaces the configuration: unchanged parts continue without a gap (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const pcap = `[output.pcap]\npath = "t.pcap"`;
    await using rules = await logTo(973);
    await using nfscribe = await start(path, 973, pcap);
    const send = async (count: number) => {
      sendUdp(count);
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    await send(100);
    const hup = async (rest: string, said: string, times = 1) => {
      await Deno.writeTextFile(`${path}/nfscribe.toml`, configuration(973, rest));
      nfscribe.kill("SIGHUP");
      await until(said, () => nfscribe.said.split(said).length > times);
    };
    await hup(
      `${pcap}\n[output.text]\ntype = "logemu"\nhostname = "gate"\npath = "t.log"`,
      "configuration was replaced",
    );
    await send(100);
    await hup(`${pcap}\npathh = "again"`, "configuration was not replaced");
    await hup(`${pcap}\nlink_type = "ethernet"`, "configuration was not replaced", 2);
    await send(100);
    await hup(pcap, "configuration was replaced", 2);
    await send(100);
    nfscribe.kill("SIGUSR1");
    await until("the counters are logged", () => nfscribe.said.includes("so far"));
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals([code, await rules.count()], [0, 400]);
    assertEquals(counters.sources["nflog:973"], {
      received: 400,
      lost: 0,
      malformed: 0,
      foreign: 0,
    });
    assertEquals([counters.filter.passed, counters.outputs.pcap!.written], [400, 400]);
    assertEquals(counters.outputs.text!.written, 200);
    assertEquals(await countRecords(`${path}/t.pcap`), 400);
  },
);
