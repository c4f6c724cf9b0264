import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { until } from "../system/process.ts";
import { HAS_NFT } from "./firewall.ts";
import { messages, tryFilter } from "./filters.ts";
import { sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };
const PACKETS = 2000;
/**
 * Packets for a filter that fails permanently after some: few batches, each of which takes its
 * time.
 */
const FEW = 300;

/** Attempts of a script at its first packet; each must throw. */
const ATTEMPTS = {
  "read a file": `Deno.readTextFileSync("/etc/hostname")`,
  "read a file, waiting": `await Deno.readTextFile("/etc/hostname")`,
  "read its own folder": `Deno.readTextFileSync(new URL("filter.ts", import.meta.url))`,
  "write a file": `Deno.writeTextFileSync("/tmp/nfscribe-hostile", "x")`,
  "connect": `await Deno.connect({ hostname: "127.0.0.1", port: 9 })`,
  "fetch": `await fetch("http://127.0.0.1:8080/")`,
  "listen": `Deno.listen({ port: 0 })`,
  "open a library": `Deno.dlopen("libc.so.6", {})`,
  "spawn a program": `new Deno.Command("id").outputSync()`,
  "read the environment": `Deno.env.get("HOME")`,
  "ask for the host": `Deno.hostname()`,
  "ask for rights": `Deno.permissions.requestSync({ name: "read" })`,
  "make a Worker": `new Worker("data:text/javascript,1", { type: "module" })`,
  "send a signal": `Deno.kill(Deno.pid, "SIGTERM")`,
  "catch a signal": `Deno.addSignalListener("SIGTERM", () => {})`,
  "leave": `Deno.exit(0)`,
  "close its thread": `globalThis.close()`,
  "write to standard output": `Deno.stdout.writeSync(new Uint8Array(1))`,
  "read standard input": `Deno.stdin.readSync(new Uint8Array(1))`,
  "reach the process": `globalThis.process.exit(1)`,
  "reach Deno's inner parts": `Deno[Deno.internal].core.ops`,
  "import what Node has": `await eval("import('node:fs')")`,
  "import what Node has, from a function": `await new Function("return import('fs')")()`,
  "import remote code": `await eval("import('https://127.0.0.1/x.js')")`,
  "import a package": `await eval("import('npm:left-pad')")`,
  "import text": `await eval("import('/etc/hostname', { with: { type: 'text' } })")`,
  "talk to other threads": `new BroadcastChannel("x")`,
  "post to its parent": `globalThis.postMessage({ kind: "ready" })`,
  "reach what is behind a packet": `packet.constructor.rawOf(packet).bytes`,
  "reach what is behind all packets":
    `Object.getPrototypeOf(Object.getPrototypeOf(packet)).constructor.layersOf(packet).bytes`,
  "change typed arrays": `Uint8Array.prototype.set = () => {}`,
  "change what they inherit from":
    `Object.getPrototypeOf(Uint8Array.prototype).subarray = () => {}`,
  "change arrays": `Array.prototype.push = () => {}`,
  "change maps": `Map.prototype.get = () => {}`,
  "change promises": `Promise.prototype.then = () => {}`,
  "change all objects": `Object.prototype.polluted = 1`,
  "change Atomics": `Atomics.store = () => {}`,
  "take Atomics' place": `globalThis.Atomics = {}`,
  "change packets": `Object.getPrototypeOf(packet).copy = () => {}`,
};

Deno.test("a filter gets nothing beyond its permissions (needs nft)", needsNft, async () => {
  const attempts = Object.entries(ATTEMPTS).map(([name, code]) =>
    `  try { ${code}; context.log("GOT ${name}"); } catch (error) { refused++; }\n`
  );
  const script = `// deno-lint-ignore-file
let first = true, refused = 0;
export default async (packet: any, context: any) => {
  if (!first) return true;
  first = false;
${attempts.join("")}
  if (packet.payload.buffer instanceof SharedArrayBuffer) context.log("GOT shared memory");
  packet.payload.fill(255);
  context.log("refused " + refused);
  return true;
};`;
  const { stderr, counters, logged } = await tryFilter({
    script,
    group: 820,
    act: () => sendUdp(PACKETS),
  });
  const said = messages(stderr);
  assertEquals(said.filter((message) => message.includes("GOT")), []);
  assert(said.includes(`filter: refused ${Object.keys(ATTEMPTS).length}`), stderr);
  assertEquals(counters.outputs.pcap!.written, logged);
  assertEquals(counters.outputs.logemu!.written, logged);
});

for (
  const [index, [name, script, reason]] of ([
    ["loops", "for (;;);", "timeout_ms"],
    ["waits for ever", "await new Promise(() => {});", "timeout_ms"],
    ["eats the heap", "for (;;) keep.push(new Array(1e5).fill(count));", "timeout_ms|memory_mb"],
    [
      "eats typed arrays",
      "for (;;) keep.push(new Uint8Array(1e6).fill(1));",
      "timeout_ms|memory_mb|allocation failed",
    ],
  ] as const).entries()
) {
  Deno.test(
    `a filter that ${name} is replaced, and every packet is written (needs nft)`,
    needsNft,
    async () => {
      const { stderr, counters, logged } = await tryFilter({
        group: 821 + index,
        filter: 'timeout_ms = 500\nmemory_mb = 32\non_error = "pass"',
        script: `let count = 0; const keep: unknown[] = [];
export default async () => {
  if (++count === 100) { ${script} }
  return "pcap";
};`,
        async act({ folder }) {
          sendUdp(FEW);
          await until("every packet is written", async () => {
            // Packets after them show that the capture continues.
            sendUdp(1);
            await new Promise((resolve) => setTimeout(resolve, 200));
            return (await Deno.stat(`${folder}/t.pcap`)).size > 24 + FEW * 116;
          });
        },
      });
      const said = messages(stderr).find((message) =>
        // The sandbox ends by the kernel's limit, or the allocation throws, whichever comes first.
        /sandbox is replaced|Array buffer allocation failed/.test(message)
      );
      assertMatch(said ?? stderr, new RegExp(reason));
      assertEquals(counters.outputs.pcap!.written, logged);
      const { failed, timedOut } = counters.filter;
      assertGreater(failed + timedOut, 0);
      // Packets of the failed batch went to all outputs, the others to the pcap file only.
      assertEquals(counters.outputs.logemu!.written, failed + timedOut);
    },
  );
}

Deno.test(
  "messages of a filter that logs continuously are suppressed (needs nft)",
  needsNft,
  async () => {
    const { stderr, counters, logged } = await tryFilter({
      group: 829,
      script: `export default (packet: any, context: any) => {
  console.log("x".repeat(100_000));
  context.log("y\\u001b[31m\\nz", { level: "error", z: "z".repeat(100_000) });
  return "pcap";
};`,
      act: () => sendUdp(PACKETS),
    });
    assertEquals(counters.outputs.pcap!.written, logged);
    const said = messages(stderr).filter((message) => message.startsWith("filter: "));
    assertGreater(2100, Math.max(...said.map((message) => message.length)));
    assert(said.includes("filter: y\\u001b[31m\\u000az"), stderr.slice(0, 1000));
    assert(!stderr.includes('"level":"error"'));
    assert(said.length < 100, `${said.length} messages`);
    assert(messages(stderr).some((message) => message.includes("messages were suppressed")));
  },
);

Deno.test("a tick and a stop that never return delay nothing (needs nft)", needsNft, async () => {
  const { stderr, counters, logged } = await tryFilter({
    group: 828,
    filter: "timeout_ms = 300",
    script: `let ticks = 0;
export const tickMs = 50;
export const tick = () => { if (++ticks === 3) for (;;); };
export const stop = () => new Promise<void>(() => {});
export default () => "pcap";`,
    async act({ folder }) {
      await until("packets are written in spite of it", async () => {
        sendUdp(10);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return (await Deno.stat(`${folder}/t.pcap`)).size > 24 + 300 * 116;
      });
    },
  });
  assert(messages(stderr).some((message) => message.includes("sandbox is replaced")), stderr);
  assertEquals(counters.outputs.pcap!.written, logged);
});

Deno.test(
  "packets that a filter throws on are dropped with on_error = drop (needs nft)",
  needsNft,
  async () => {
    const { stderr, counters, logged } = await tryFilter({
      group: 826,
      filter: 'on_error = "drop"',
      script: `let count = 0;
export default () => {
  if (++count % 4 === 0) {
    throw new Error("every fourth");
  }
  return ["pcap", "logemu"];
};`,
      act: () => sendUdp(PACKETS),
    });
    assertEquals(counters.filter.failed, logged / 4);
    assertEquals(counters.outputs.pcap!.written, logged * 3 / 4);
    const said = messages(stderr).filter((message) => message.includes("every fourth"));
    assertEquals(said.length, 5);
    assertMatch(said[0]!, /filter\.ts:4:11/);
  },
);

Deno.test(
  "invalid return values of a filter are logged and counted (needs nft)",
  needsNft,
  async () => {
    const { stderr, counters } = await tryFilter({
      group: 827,
      script: `let count = 0;
const returned = [42, {}, "pacp", ["pcap", 7], Symbol("x"), ["pcap", "nope"]];
export default () => returned[count++ % returned.length] as string;`,
      act: () => sendUdp(600),
    });
    assertEquals(counters.filter, { passed: 100, dropped: 0, failed: 500, timedOut: 0 });
    const said = messages(stderr);
    const unknown = said.filter((message) => message.includes("there is no such output"));
    assertEquals(unknown, [
      'The filter returned "pacp": there is no such output, only "pcap", "logemu"',
      'The filter returned "nope": there is no such output, only "pcap", "logemu"',
    ]);
    assert(said.some((message) => message.includes("returned a number")), stderr);
  },
);

Deno.test(
  "one of two sandboxes hangs; the batch is dropped as configured, the others keep their order (needs nft)",
  needsNft,
  async () => {
    const { counters, logged, text } = await tryFilter({
      group: 840,
      filter: 'workers = 2\ntimeout_ms = 400\non_error = "drop"',
      script: `export default (packet: any, context: any) => {
  if (packet.seq === 700) for (;;);
  context.emit("logemu", { SEQ: packet.seq });
  return "pcap";
};`,
      async act({ folder }) {
        sendUdp(3000);
        await until(
          "what comes behind the hang is written",
          async () => (await Deno.readTextFile(`${folder}/t.log`)).includes(" SEQ=2999 "),
        );
      },
    });
    const { passed, failed, timedOut } = counters.filter;
    assertEquals([passed + timedOut, failed], [logged, 0]);
    assertGreater(timedOut, 0);
    assertEquals(counters.outputs.pcap!.written, passed);
    assertEquals(counters.outputs.pcap!.filtered, timedOut);
    const seqs = [...text.matchAll(/ SEQ=(\d+) /g)].map(([, seq]) => Number(seq));
    assertEquals(seqs, seqs.toSorted((a, b) => a - b));
    assertEquals(seqs.length, new Set(seqs).size);
  },
);

Deno.test(
  "a filter connects to the host that it was granted, and to no other (needs nft)",
  needsNft,
  async () => {
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = server.addr as Deno.NetAddr;
    const heard = (async () => {
      using connection = await server.accept();
      const buffer = new Uint8Array(100);
      return new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
    })();
    const { stderr, counters } = await tryFilter({
      group: 841,
      filter: `[filter.permissions]\nnet = ["127.0.0.1:${port}"]`,
      rights: [`--allow-net=127.0.0.1:${port}`],
      script: `let said = false;
export default async (_packet: any, context: any) => {
  if (said) return "pcap";
  said = true;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: ${port} });
  await connection.write(new TextEncoder().encode("alert"));
  await Deno.connect({ hostname: "127.0.0.1", port: 1 }).catch((error) => context.log(error.name));
  return "pcap";
};`,
      act: () => sendUdp(10),
    });
    assertEquals(await heard, "alert");
    assert(messages(stderr).includes("filter: NotCapable"), stderr);
    assertEquals(counters.outputs.pcap!.written, 10);
  },
);
