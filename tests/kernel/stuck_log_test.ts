import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, startNfscribeWith } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

/** Capacity of a pipe, in bytes (pipe(7)). */
const PIPE_SIZE = 65_536;
/** Signals that each log a record, more than may wait. */
const RECORDS = 1500;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts nfscribe with standard error in a full pipe that nothing reads. */
async function startStuck(folder: string, group: number) {
  const [config, fifo] = [`${folder}/nfscribe.toml`, `${folder}/err`];
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n` +
      `[output.pcap]\npath = "t.pcap"\n[stats]\nsocket = "run.sock"\n`,
  );
  await must(["mkfifo", fifo]);
  // Both ends are open, so that neither an open nor the end of a process waits for the other.
  const pipe = await Deno.open(fifo, { read: true, write: true });
  await pipe.write(new Uint8Array(PIPE_SIZE));
  const socket = `${folder}/run.sock`;
  const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
  const command = deno(...rights, `--allow-net=unix:${socket}`, `${ROOT}main.ts`);
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" 2>"$0"', fifo, ...command, "run", "-c", config],
    stdin: "null",
    stdout: "null",
  }).spawn();
  await until("the group is bound", () =>
    readProcFile("/proc/self/net/netfilter/nfnetlink_log")
      ?.split("\n").some((line) => Number(line.trim().split(/\s+/)[0]) === group) === true);
  await until(
    "it is open",
    async () => (await Deno.lstat(socket).catch(() => undefined)) !== undefined,
  );
  return { child, pipe, socket };
}

/** Reads what is in a pipe; throws if nothing comes. */
async function readSoon(pipe: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("nothing comes")), 10_000);
  try {
    return (await Promise.race([pipe.read(buffer), promise]))!;
  } finally {
    clearTimeout(timer);
  }
}

async function stats(socket: string) {
  const rights = [
    `--allow-net=unix:${socket}`,
    `--allow-read=${socket}`,
    `--allow-write=${socket}`,
  ];
  const { code, stdout } = await run(
    deno(...rights, `${ROOT}main.ts`, "stats", "--socket", socket, "--json"),
  );
  assertEquals(code, 0);
  return JSON.parse(stdout);
}

Deno.test(
  "standard error that nothing reads delays neither packets nor stats nor the end; the number of missing records is logged (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using _rules = await nft([["output", "udp dport 9 log group 975"]]);
    const { child, pipe, socket } = await startStuck(path, 975);
    using _pipe = pipe;
    try {
      for (let n = 0; n < RECORDS; n++) {
        child.kill("SIGUSR1");
        // Signals that are pending are one.
        await pause(1);
      }
      sendUdp(100);
      await until(
        "the packets are written",
        async () => await countRecords(`${path}/t.pcap`) === 100,
      );
      assertEquals((await stats(socket)).outputs.pcap.written, 100);
      // The reader goes on.
      let text = "";
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(PIPE_SIZE);
      while (!/missing here/.test(text)) {
        text += decoder.decode(buffer.subarray(0, await readSoon(pipe, buffer)));
      }
      assertMatch(
        text,
        /^nfscribe: warn: Records of the log are missing here: nothing reads standard error \(file -, records \d+\)$/m,
      );
      // It is stuck again: the end does not wait either.
      await pipe.write(new Uint8Array(PIPE_SIZE));
      const began = performance.now();
      child.kill("SIGTERM");
      const { code } = await child.status;
      assertEquals(code, 0);
      assert(performance.now() - began < 5000, `${performance.now() - began} ms`);
    } finally {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
    }
  },
);

Deno.test(
  "a file that may not grow (ulimit -f) is like a full disk, and affects no other output (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using rules = await nft([["output", "udp dport 9 counter log group 976"]]);
    const config = `${path}/nfscribe.toml`;
    await Deno.writeTextFile(
      config,
      `[[source]]\ntype = "nflog"\ngroup = 976\nqueue_timeout_ms = 10\n` +
        `[output.pcap]\npath = "t.pcap"\n[output.pipe]\ntype = "pcap"\npath = "-"\n[log]\nformat = "json"\n`,
    );
    await using nfscribe = await startNfscribeWith([], "-c", config);
    // prlimit(1) sets what `ulimit -f` sets before a start.
    await must(["prlimit", `--pid=${nfscribe.pid}`, "--fsize=100000:100000"]);
    const reading = new Response(nfscribe.stdout).bytes();
    for (let n = 0; n < 30; n++) {
      sendUdp(100);
      await pause(20);
    }
    await until("it is logged", () => nfscribe.said.includes("Cannot write"));
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(code, 3, stderr);
    assertStringIncludes(messages(stderr).join("\n"), "t.pcap: File too large;");
    const { pcap, pipe } = counters.outputs;
    assertEquals(pcap!.written + pcap!.failed, await rules.count());
    assertEquals(await countRecords(`${path}/t.pcap`), pcap!.written);
    assertEquals(pipe!.written, 3000);
    assertEquals((await reading).length, 24 + 3000 * 116);
  },
);
