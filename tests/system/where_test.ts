import { assertEquals, assertStringIncludes } from "@std/assert";
import { packetExpression } from "../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../src/filter/expression/predicate/compile.ts";
import { concat } from "../packet/sample.ts";
import { PacketFile } from "../peers/expression_packets.ts";
import { readPcap } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { deno, ROOT, run, temporaryFolder } from "./process.ts";

const RIGHTS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];

/** Returns a command line of nfscribe. */
function nfscribe(...args: readonly string[]): string[] {
  return deno(...RIGHTS, `${ROOT}main.ts`, ...args);
}

/** Returns how many packets of a file expressions choose. */
function counter(file: PacketFile): (where: string) => number {
  return (where) => {
    const chooses = compilePredicate(packetExpression(where));
    return file.packets.filter(({ raw }) => chooses(raw)).length;
  };
}

Deno.test("replay --where writes what the expression chooses, and counts the rest", async () => {
  await using folder = await temporaryFolder();
  const [input, output] = [`${folder.path}/in.pcap`, `${folder.path}/out.pcap`];
  const file = await PacketFile.write(input, randomFrames(3, 3000));
  const where = "udp or (ip6 and greater 80) or tcp[tcpflags] & tcp-syn != 0";
  const chosen = counter(file)(where);
  const { code, stderr } = await run(
    nfscribe("replay", input, "--where", where, "--pcap", output),
  );
  assertEquals(code, 0, stderr);
  assertEquals((await readPcap(output)).length, chosen);
  const others = file.packets.length - chosen;
  assertStringIncludes(stderr, `filter: passed ${chosen}, dropped ${others}, failed 0`);
  assertStringIncludes(stderr, `outputs pcap: written ${chosen}, `);
  assertStringIncludes(stderr, `filtered ${others}, `);
});

Deno.test("each output's expression chooses of what the script sends to it", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const file = await PacketFile.write(`${path}/in.pcap`, randomFrames(4, 2000));
  await Deno.writeTextFile(
    `${path}/filter.ts`,
    `import { expression, type Packet } from "nfscribe";
    const isUdp = expression("udp");
    export default (packet: Packet) => {
      if (packet.ip?.version !== 4) throw new Error("the expression lets IPv4 through alone");
      return isUdp(packet) ? ["udp", "all"] : "all";
    };`,
  );
  await Deno.writeTextFile(
    `${path}/t.toml`,
    `[filter]\nwhere = "ip"\nscript = "filter.ts"
    [output.udp]\ntype = "pcap"\npath = "udp.pcap"\nwhere = "greater 60"
    [output.all]\ntype = "pcap"\npath = "all.pcap"\nwhere = "not udp and less 200"\n`,
  );
  const { code, stderr } = await run(nfscribe("replay", `${path}/in.pcap`, "-c", `${path}/t.toml`));
  assertEquals(code, 0, stderr);
  const count = counter(file);
  const total = file.packets.length;
  const four = count("ip");
  assertStringIncludes(stderr, `filter: passed ${four}, dropped ${total - four}, failed 0`);
  for (
    const [name, where] of [
      ["udp", "ip and udp and greater 60"],
      ["all", "ip and not udp and less 200"],
    ] as const
  ) {
    assertEquals((await readPcap(`${path}/${name}.pcap`)).length, count(where));
    assertStringIncludes(stderr, `outputs ${name}: written ${count(where)}, `);
    assertStringIncludes(stderr, `filtered ${total - count(where)}, `);
  }
});

Deno.test("test --where shows what it chooses, without a script", async () => {
  await using folder = await temporaryFolder();
  const input = `${folder.path}/in.pcap`;
  const file = await PacketFile.write(input, randomFrames(5, 300));
  const count = counter(file);
  const test = (...args: string[]) => run(nfscribe("test", input, ...args));
  const shown = await test("--where", "tcp or icmp", "--outputs", "a,b", "--json");
  assertEquals(shown.code, 0, shown.stderr);
  const rows = shown.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const chosen = rows.filter(({ outputs }) => Array.isArray(outputs) && outputs.length === 2);
  assertEquals(chosen.length, count("tcp or icmp"));
  // A configuration's expressions hold, too, those of outputs as well.
  await Deno.writeTextFile(
    `${folder.path}/t.toml`,
    `[filter]\nwhere = "ip"\n[output.pcap]\npath = "x"\nwhere = "udp"\n`,
  );
  const both = await test("-c", `${folder.path}/t.toml`);
  assertStringIncludes(both.stdout, `outputs: pcap ${count("ip and udp")}\n`);
  const wrong = await test("--where", "tcp prot 22");
  assertEquals(wrong.code, 2);
  assertEquals(
    wrong.stderr,
    'nfscribe: nfscribe test: --where: "prot" is not a word of expressions; did you mean "port"?\n' +
      "nfscribe:   tcp prot 22\nnfscribe:       ^^^^\n",
  );
  const neither = await test();
  assertEquals(neither.code, 2);
  assertStringIncludes(neither.stderr, "FILTER is missing");
});

Deno.test("an expression that asks for missing bytes chooses nothing, in the sandbox too", async () => {
  await using folder = await temporaryFolder();
  const input = `${folder.path}/in.pcap`;
  const cut = randomFrames(6, 50).map(({ bytes, origin }) => ({
    origin,
    bytes: concat(bytes.subarray(0, 30)),
  }));
  await PacketFile.write(input, cut);
  const { stdout } = await run(nfscribe("test", input, "--where", "not (len = 0 / (ip[40] * 0))"));
  assertStringIncludes(stdout, "outputs: pcap 0, logemu 0");
});
