import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { assertBalance, messages, tryFilter } from "./filters.ts";
import { countRecords, startNfscribe } from "./nfscribe.ts";
import { flood, sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

/** Returns the resident memory of a process, in MiB. */
async function residentMb(pid: number): Promise<number> {
  const status = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  const [, kib] = /VmRSS:\s+(\d+)/.exec(new TextDecoder().decode(status.stdout))!;
  return Number(kib) / 1024;
}

/** Returns the numbers in lines of the script itself, in order. */
function numbers(text: string, field: string): number[] {
  return [...text.matchAll(new RegExp(`${field}=(\\d+) `, "g"))].map(([, value]) => Number(value));
}

Deno.test(
  "start, tick and stop are called in order, and the lines that they emit are in the file (needs nft)",
  needsNft,
  async () => {
    const { stderr, text, counters } = await tryFilter({
      group: 830,
      script: `import type { Filter, FilterHook } from "nfscribe";
let count = 0;
export const start: FilterHook = (context) => {
  context.log("begins", { outputs: context.outputs.join("+"), worker: context.worker });
  context.emit("logemu", { EVENT: "start", TEXT: 'a "b"\\n\\u001b[31m' });
};
export const tickMs = 50;
export const tick: FilterHook = (context) => context.emit("logemu", { EVENT: "tick", COUNT: count });
export const stop: FilterHook = (context) => context.emit("logemu", { EVENT: "stop", COUNT: count });
export default ((_packet, context) => {
  count++;
  if (count === 3) context.emit("logemu", { EVENT: "third" });
  return "pcap";
}) satisfies Filter;`,
      async act({ folder }) {
        sendUdp(5);
        await until(
          "a tick has seen the packets",
          async () => (await Deno.readTextFile(`${folder}/t.log`)).includes("EVENT=tick COUNT=5"),
        );
      },
    });
    const lines = text.trimEnd().split("\n");
    assertMatch(
      lines[0]!,
      /^\w{3} [ \d]\d \d\d:\d\d:\d\d gate EVENT=start TEXT="a \\"b\\"\\n\\u001b\[31m" $/,
    );
    assertMatch(lines.at(-1)!, /gate EVENT=stop COUNT=5$/);
    assert(lines.some((line) => line.includes("EVENT=third")));
    assertEquals(counters.outputs.logemu!.emitted, lines.length);
    assertEquals(counters.outputs.logemu!.written, 0);
    assertEquals(counters.outputs.pcap!.written, 5);
    assert(messages(stderr).includes("filter: begins"), stderr);
  },
);

Deno.test(
  "packets of a group reach a filter and the file in order (needs nft)",
  needsNft,
  async () => {
    const { counters, logged, stderr } = await tryFilter({
      group: 831,
      script: `let expected = 0;
export default (packet, context) => {
  if (packet.seq !== expected) context.log("out of order");
  expected = packet.seq + 1;
  return packet.seq % 2 === 0 ? "pcap" : ["pcap", "logemu"];
};`.replace("(packet, context)", "(packet: any, context: any)"),
      // A plain user's buffer is small; this is about the order.
      act: () => flood(50_000, 72, 9, 50_000),
    });
    assert(!messages(stderr).some((message) => message.includes("out of order")), stderr);
    assertEquals(counters.outputs.pcap!.written, logged);
    assertEquals(counters.outputs.logemu!.written, logged / 2);
  },
);

Deno.test(
  "several sandboxes share the work, and the file keeps the order (needs nft)",
  needsNft,
  async () => {
    const { counters, logged, text } = await tryFilter({
      group: 832,
      filter: "workers = 2",
      script: `export default (packet: any, context: any) => {
  context.emit("logemu", { SEQ: packet.seq, WORKER: context.worker });
  return "pcap";
};`,
      act: () => flood(50_000, 72, 9, 50_000),
    });
    assertEquals(counters.outputs.pcap!.written, logged);
    assertEquals(numbers(text, "SEQ"), Array.from({ length: logged }, (_, index) => index));
    assertEquals([...new Set(numbers(text, "WORKER"))].sort(), [0, 1]);
  },
);

Deno.test(
  "a changed filter is replaced between two packets, a broken one is not loaded (needs nft)",
  needsNft,
  async () => {
    const { stderr, counters } = await tryFilter({
      group: 833,
      files: { "ports.ts": "export const where = 'pcap';" },
      script: `import { where } from "./ports.ts";\nexport default () => where;`,
      async act({ folder, nfscribe }) {
        const count = (name: string) => Deno.stat(`${folder}/${name}`).then(({ size }) => size);
        await until("the first version writes", async () => {
          sendUdp(1);
          return await count("t.pcap") > 24;
        });
        await Deno.writeTextFile(`${folder}/ports.ts`, "export const where = 'logemu';");
        await until("the second version writes", async () => {
          sendUdp(1);
          return await count("t.log") > 0;
        });
        await Deno.writeTextFile(`${folder}/filter.ts`, "export default () => {\n  if (\n};");
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const before = await count("t.log");
        sendUdp(3);
        await until("the second version goes on", async () => await count("t.log") > before);
        await Deno.writeTextFile(`${folder}/filter.ts`, `export default () => "pcap";`);
        nfscribe.kill("SIGHUP");
        const pcap = await count("t.pcap");
        await until("the third version writes", async () => {
          sendUdp(1);
          return await count("t.pcap") > pcap;
        });
      },
    });
    const logged = messages(stderr);
    assert(
      logged.some((message) => /was not replaced.*filter\.ts.*\n?.*3:1/s.test(message)),
      stderr,
    );
    assert(logged.some((message) => message.includes("replaced by its new version")), stderr);
    assertEquals(counters.sources["nflog:833"]!.lost, 0);
  },
);

Deno.test(
  "a new version that is being loaded does not delay the stop, nor outlive it (needs nft)",
  needsNft,
  async () => {
    let sandboxes: string[] = [];
    const { stderr } = await tryFilter({
      group: 834,
      script: `export default () => "pcap";`,
      async act({ folder, nfscribe: { pid } }) {
        await Deno.writeTextFile(`${folder}/filter.ts`, "for (;;);");
        await until("there is a second sandbox", () => {
          const children = readProcFile(`/proc/${pid}/task/${pid}/children`) ?? "";
          sandboxes = children.split(" ").filter(Boolean);
          return Promise.resolve(sandboxes.length === 2);
        });
      },
    });
    assertEquals(sandboxes.filter((pid) => readProcFile(`/proc/${pid}/stat`) !== undefined), []);
    assert(!messages(stderr).some((message) => message.includes("not replaced")), stderr);
  },
);

Deno.test(
  "a filter that cannot be used ends nfscribe run with status 2, and no packet is received (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const script = `${folder.path}/filter.ts`;
    const cases: [text: string, message: RegExp][] = [
      ["export default () => {\n  if (\n};", /filter\.ts: cannot be parsed:[^]*filter\.ts:3:1/],
      [
        "const a: any = undefined;\na.b();\nexport default () => true;",
        /TypeError.*filter\.ts:2:3/,
      ],
      ["export const x = 1;", /its default export is no function/],
      ["export default 1;", /its default export is no function/],
      ["export const tick = 5;\nexport default () => true;", /its export tick is no function/],
      [
        "export function start() { throw new Error('no'); }\nexport default () => true;",
        /start\(\) failed: Error: no.*filter\.ts:1/,
      ],
      [
        `import text from "/etc/hostname" with { type: "text" };\nexport default () => text;`,
        /cannot import "\/etc\/hostname": it may import files of its own folder only/,
      ],
      [
        `import x from "https://example.com/x.ts";\nexport default () => x;`,
        /cannot import "https:\/\/example.com\/x.ts"/,
      ],
      [`import fs from "node:fs";\nexport default () => fs;`, /cannot import "node:fs"/],
      [`import x from "npm:left-pad";\nexport default () => x;`, /cannot import "npm:left-pad"/],
      [`const x = await import("./y.ts");\nexport default () => x;`, /cannot import while it runs/],
      [`import "./missing.ts";\nexport default () => true;`, /missing\.ts/],
    ];
    for (const [text, message] of cases) {
      await Deno.writeTextFile(script, text);
      let said = "";
      try {
        const args = ["--group", "834", "--pcap", `${folder.path}/t.pcap`, "--filter", script];
        await using _ = await startNfscribe(...args);
      } catch (error) {
        said = String(error);
      }
      assertMatch(said, message);
      assertMatch(said, /status 2/);
    }
    // The file was opened while the filter was loaded, and contains only its header.
    assertEquals((await Deno.stat(`${folder.path}/t.pcap`)).size, 24);
  },
);

Deno.test(
  "1,000,000 packets at full speed go through a filter to two outputs; none is lost (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/filter.ts`,
      `import type { Filter } from "nfscribe";
export default ((packet) => packet.udp?.destinationPort === 9 ? ["pcap", "logemu"] : "pcap") satisfies Filter;`,
    );
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 835\ncopy_range = 100\nbuffer_size = 67108864\n[filter]\nscript = "filter.ts"\n` +
        `[output.pcap]\npath = "t.pcap"\n[output.logemu]\npath = "t.log"\n[log]\nformat = "json"\n`,
    );
    await using rules = await nft([["input", "udp dport 9 counter log group 835 drop"]]);
    await using nfscribe = await startNfscribe("-c", `${path}/nfscribe.toml`);
    await flood(1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const resident = await residentMb(nfscribe.pid);
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    const logged = await rules.count();
    assertBalance(counters, "nflog:835", logged);
    const { received, lost } = counters.sources["nflog:835"]!;
    // A user without capabilities cannot have such a large buffer.
    if (!stderr.includes("system's limit")) assertEquals(lost, 0);
    assertEquals(counters.outputs.pcap!.written, received);
    assertEquals(counters.outputs.logemu!.written, received);
    assertEquals(await countRecords(`${path}/t.pcap`), received);
    // Usually 115 to 121, depending on V8's garbage collection.
    assertGreater(130, resident, "MiB of memory");
  },
);

Deno.test(
  "records that do not fit into an output's area are written in parts, none lost or twice (needs nft)",
  needsNft,
  async () => {
    const { counters, logged, text } = await tryFilter({
      group: 836,
      script: `const long = "x".repeat(500);
export default (packet: any, context: any) => {
  context.emit("logemu", { SEQ: packet.seq, LONG: long });
  return true;
};`,
      async act({ nfscribe }) {
        // A backlog fills slots completely.
        nfscribe.kill("SIGSTOP");
        await flood(5000);
        nfscribe.kill("SIGCONT");
      },
    });
    const seqs = [...text.matchAll(/ SEQ=(\d+) LONG=/g)].map(([, value]) => Number(value));
    assertEquals(seqs, Array.from({ length: logged }, (_, index) => index));
    // Each packet's line follows the line emitted for it.
    const kinds = text.trimEnd().split("\n").map((line) =>
      line.includes("LONG=") ? "emitted" : "packet"
    );
    assertEquals(kinds.length, 2 * logged);
    assert(kinds.every((kind, index) => kind === (index % 2 === 0 ? "emitted" : "packet")));
    assertEquals(counters.outputs.logemu!.emitted, logged);
    assertEquals(counters.outputs.pcap!.written, logged);
  },
);

Deno.test(
  "without a filter packets go to the outputs of their source (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 837\nqueue_timeout_ms = 10\noutputs = ["pcap"]\n` +
        `[[source]]\ntype = "nflog"\ngroup = 838\nqueue_timeout_ms = 10\n` +
        `[output.pcap]\npath = "t.pcap"\n[output.logemu]\npath = "t.log"\nhostname = "gate"\n` +
        `[log]\nformat = "json"\n`,
    );
    await using _rules = await nft([
      ["output", "udp dport 9 log group 837"],
      ["output", "udp dport 10 log group 838"],
    ]);
    await using nfscribe = await startNfscribe("-c", `${path}/nfscribe.toml`);
    sendUdp(30, 72, 9);
    sendUdp(20, 72, 10);
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals(code, 0);
    assertEquals(counters.filter, { passed: 50, dropped: 0, failed: 0, timedOut: 0 });
    const { pcap, logemu } = counters.outputs;
    assertEquals([pcap!.written, pcap!.filtered], [50, 0]);
    assertEquals([logemu!.written, logemu!.filtered], [20, 30]);
    assertEquals(await countRecords(`${path}/t.pcap`), 50);
  },
);
