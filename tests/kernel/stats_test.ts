import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribeWith, writeConfig } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

Deno.test({
  name: `nfscribe stats requests the counters of a running nfscribe${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [config, socket] = [`${folder.path}/nfscribe.toml`, `${folder.path}/run.sock`];
    await writeConfig(config, {
      groups: [941],
      pcap: `${folder.path}/t.pcap`,
      source: "queue_timeout_ms = 10",
    });
    await Deno.writeTextFile(config, `[stats]\nsocket = "run.sock"\n`, { append: true });
    const rights = [
      `--allow-net=unix:${socket}`,
      `--allow-read=${config},${socket}`,
      `--allow-write=${socket}`,
    ];
    const ask = (...args: string[]) => run(deno(...rights, `${ROOT}main.ts`, "stats", ...args));

    const none = await ask("-c", config);
    assertEquals([none.code, none.stdout], [1, ""]);
    assertStringIncludes(none.stderr, `Cannot ask ${socket}: no process listens there`);

    await using _rules = await nft([["output", "udp dport 9 log group 941"]]);
    const further = [`--allow-net=unix:${socket}`];
    await using first = await startNfscribeWith(further, "-c", config);
    assertEquals((await Deno.stat(socket)).mode! & 0o777, 0o600);
    sendUdp(7);
    await until("the packets are counted", async () => {
      const { stdout } = await ask("--socket", socket, "--json");
      const { sources, outputs } = JSON.parse(stdout);
      return sources["nflog:941"].received === 7 && outputs.pcap.written === 7;
    });
    const { code, stdout, stderr } = await ask("-c", config);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^source +received +lost +malformed +foreign\nnflog:941 +7 +0 +0 +0\n/);
    assertMatch(stdout, /\npcap +7 +0 +0 +0\n/);
    const [program, ...args] = deno(
      ...rights,
      `${ROOT}main.ts`,
      "stats",
      "--socket",
      socket,
      "--watch",
    );
    const watching = new Deno.Command(program!, { args, stdout: "piped" }).spawn();
    let tables = "";
    for await (const text of watching.stdout.pipeThrough(new TextDecoderStream())) {
      tables += text;
      // The second one has rates; it ends after its output.
      if (/nflog:941 +7 +0 +0 +0 +0\n/.test(tables)) watching.kill("SIGINT");
    }
    assertEquals((await watching.status).code, 0);
    assertMatch(tables, /^source +received +lost +malformed +foreign\n/m);

    // A stale socket of a killed nfscribe is replaced, one in use is not.
    first.kill("SIGKILL");
    await first.ended();
    await using second = await startNfscribeWith(further, "-c", config);
    const other = `${folder.path}/other.toml`;
    await writeConfig(other, { groups: [942], pcap: `${folder.path}/other.pcap` });
    await Deno.writeTextFile(other, `[stats]\nsocket = "run.sock"\n`, { append: true });
    const third = await startNfscribeWith(further, "-c", other).catch(String);
    assertStringIncludes(
      String(third),
      `Cannot listen on ${socket}: another process listens there`,
    );
    second.kill("SIGTERM");
    assertEquals((await second.ended()).code, 0);
  },
});
