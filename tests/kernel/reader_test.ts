import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { assertBalance, messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { hasRecords, type Running, startNfscribe } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

/** Starts an output to a file, and one to a named pipe without a reader. */
async function startUnread(folder: string, group: number): Promise<Running> {
  await must(["mkfifo", `${folder}/pipe`]);
  await Deno.writeTextFile(
    `${folder}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n` +
      `[output.pipe]\ntype = "pcap"\npath = "pipe"\nformat = "pcapng"\n` +
      `[output.pcap]\npath = "t.pcap"\n[log]\nformat = "json"\n`,
  );
  return await startNfscribe("-c", `${folder}/nfscribe.toml`);
}

const logTo = (group: number) => nft([["output", `udp dport 9 counter log group ${group}`]]);

Deno.test(
  "a named pipe without a reader holds up neither the start nor other outputs; its reader gets all (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using rules = await logTo(975);
    await using nfscribe = await startUnread(path, 975);
    assertEquals(
      messages(nfscribe.said).filter((text) => text.includes("reader")),
      [`waits for a reader of ${path}/pipe; until one comes, packets are queued as for a slow one`],
    );
    sendUdp(50);
    await until("all are in the file", () => hasRecords(`${path}/t.pcap`, 50));
    const reader = new Deno.Command("cat", { args: [`${path}/pipe`], stdout: "piped" }).spawn();
    const bytes = reader.output();
    sendUdp(50);
    await until("all are in the file", () => hasRecords(`${path}/t.pcap`, 100));
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals(code, 0);
    assertBalance(counters, "nflog:975", await rules.count());
    assertEquals(counters.outputs.pipe!.written, 100);
    await Deno.writeFile(`${path}/read.pcapng`, (await bytes).stdout);
    const read = await must(["tcpdump", "-r", `${path}/read.pcapng`, "-qn"]);
    assertEquals(read.trimEnd().split("\n").length, 100);
  },
);

Deno.test(
  "SIGTERM ends a run at once whose pipe never had a reader, and its packets are counted (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using rules = await logTo(976);
    await using nfscribe = await startUnread(path, 976);
    sendUdp(50);
    await until("all are in the file", () => hasRecords(`${path}/t.pcap`, 50));
    const start = performance.now();
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assert(performance.now() - start < 3000, "it waited for a reader");
    assertEquals(code, 3);
    assertBalance(counters, "nflog:976", await rules.count());
    const { pcap, pipe } = counters.outputs;
    assertEquals([pcap!.written, pipe!.written, pipe!.failed], [50, 0, 50]);
  },
);

Deno.test(
  "a network namespace's path that names a pipe, a file or another namespace is refused at once",
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await must(["mkfifo", `${path}/pipe`]);
    await Deno.writeTextFile(`${path}/file`, "");
    const list = "ip netns list names those of this machine";
    for (
      const [netns, why] of [
        [`${path}/pipe`, `it is no namespace; ${list}`],
        [`${path}/file`, `it is no namespace; ${list}`],
        ["/dev/null", `it is no namespace; ${list}`],
        ["/proc/self/ns/uts", `it is a namespace of another kind; ${list}`],
        [`${path}/nowhere`, `no such file (ENOENT); ${list}`],
      ] as const
    ) {
      const file = `${path}/nfscribe.toml`;
      await Deno.writeTextFile(
        file,
        `[[source]]\ntype = "nflog"\ngroup = 977\nnetns = "${netns}"\n[output.pcap]\npath = "t.pcap"\n`,
      );
      const command = deno("--allow-all", `${ROOT}main.ts`, "run", "-c", file);
      const { code, stderr } = await run(["timeout", "20", ...command]);
      assertEquals(code, 1, stderr);
      assertMatch(stderr, /^nfscribe: Cannot (open|enter) network namespace/m);
      assertStringIncludes(stderr, `network namespace ${netns}: ${why}`);
    }
  },
);
