import { assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { must, temporaryFolder } from "../system/process.ts";
import { assertBalance } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";
import { flood, sendUdp } from "./traffic.ts";

Deno.test({
  name: `a pcapng file and a database contain the exact number of lost packets${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  fn: async () => {
    await using folder = await temporaryFolder();
    const config = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(
      config,
      `[[source]]\ntype = "nflog"\nname = "web"\ngroup = 946\nbuffer_size = 65536\nqueue_timeout_ms = 10\n` +
        `[output.pcap]\npath = "t.pcapng"\nformat = "pcapng"\n[log]\nformat = "json"\n` +
        `[output.sqlite]\npath = "t.db"\nhostname = "gate"\n`,
    );
    await using rules = await nft([["output", "udp dport 9 counter log group 946"]]);
    await using nfscribe = await startNfscribe("-c", config);
    nfscribe.kill("SIGSTOP");
    await flood(20_000);
    nfscribe.kill("SIGCONT");
    await new Promise((resolve) => setTimeout(resolve, 500));
    sendUdp(10);
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    const { received, lost } = counters.sources.web!;
    assertEquals(received + lost, await rules.count());
    assertGreater(lost, 0);
    const file = new TextDecoder("latin1").decode(await Deno.readFile(`${folder.path}/t.pcapng`));
    const noted = [...file.matchAll(/lost=(\d+) source=web/g)].map(([, count]) => Number(count));
    assertEquals(noted.reduce((sum, count) => sum + count, 0), lost);
    using database = new DatabaseSync(`${folder.path}/t.db`, { readOnly: true });
    const sums = "SELECT (SELECT sum(packets) FROM packets_losses) AS lost, " +
      "(SELECT sum(records) FROM packets_counts WHERE step = 86400) AS counted, " +
      "(SELECT count(*) FROM packets) AS there";
    assertEquals({ ...database.prepare(sums).get() }, { lost, counted: received, there: received });
  },
});

Deno.test({
  name: `packets to a pcapng pipe whose readers leave are all counted${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [config, pipe] = [`${folder.path}/nfscribe.toml`, `${folder.path}/t.pcapng`];
    await Deno.writeTextFile(
      config,
      `[[source]]\ntype = "nflog"\ngroup = 947\nbuffer_size = 33554432\nqueue_timeout_ms = 10\n` +
        `[output.pcap]\npath = "t.pcapng"\nformat = "pcapng"\n[log]\nformat = "json"\n`,
    );
    await must(["mkfifo", pipe]);
    const script = 'for n in 1 2 3; do head -c 300000 "$0"; sleep 0.2; done; exec cat "$0"';
    const readers = new Deno.Command("sh", { args: ["-c", script, pipe], stdout: "null" }).spawn();
    await using rules = await nft([["output", "udp dport 9 counter log group 947"]]);
    await using nfscribe = await startNfscribe("-c", config);
    for (let n = 0; n < 5; n++) {
      await flood(20_000, 72, 9, 50_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    await readers.status;
    assertBalance(counters, "nflog:947", await rules.count());
    const { written, failed } = counters.outputs.pcap!;
    assertGreater(written, 0);
    assertGreater(failed, 0, stderr);
  },
});
