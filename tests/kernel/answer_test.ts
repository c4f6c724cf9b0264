import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { UnixSocket } from "../../ffi/unix_socket.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribeWith } from "./nfscribe.ts";
import { startFlood } from "./traffic.ts";

/** Longest median of the time for an answer, in milliseconds. */
const MEDIAN_MS = 50;
const ASKED = 21;
const METRICS_PORT = 9478;

/** Returns the median of the time that an answer takes, in milliseconds. */
async function medianMs(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[ASKED >> 1]!;
}

function flooding(): AsyncDisposable {
  const { stop } = startFlood();
  return { [Symbol.asyncDispose]: stop };
}

async function askStats(path: string): Promise<void> {
  await using socket = UnixSocket.open("stream");
  socket.connect(path);
  await socket.wait(10_000);
  assertStringIncludes(new TextDecoder().decode(socket.receive()?.bytes), "received");
}

async function askMetrics(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`);
  assertStringIncludes(await response.text(), "nfscribe_");
}

Deno.test(
  `stats and metrics answer at once while packets arrive as fast as one core sends them${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const socket = `${path}/run.sock`;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 978\ncopy_range = 60\n[output.pcap]\npath = "t.pcap"\n` +
        `[stats]\nsocket = "run.sock"\nmetrics = "127.0.0.1:${METRICS_PORT}"\n[log]\nformat = "json"\n`,
    );
    await using _rules = await nft([["input", "udp dport 9 log group 978 drop"]]);
    const rights = [`--allow-net=unix:${socket},127.0.0.1:${METRICS_PORT}`];
    await using nfscribe = await startNfscribeWith(rights, "-c", `${path}/nfscribe.toml`);
    await using _load = flooding();
    await until("they arrive", async () => (await Deno.stat(`${path}/t.pcap`)).size > 1e6);
    const stats = await medianMs(() => askStats(socket));
    const metrics = await medianMs(askMetrics);
    console.log(`      stats ${stats.toFixed(1)} ms, metrics ${metrics.toFixed(1)} ms`);
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    assertEquals(counters.outputs.pcap!.written, counters.sources["nflog:978"]!.received);
    assertLess(stats, MEDIAN_MS);
    assertLess(metrics, MEDIAN_MS);
  },
);
