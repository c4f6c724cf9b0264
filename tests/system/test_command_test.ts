import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import { BY_LENGTH, folderWith, nfscribe, soon } from "./filters.ts";
import { arpPacket, udpPacket } from "./packets.ts";
import { deno, inFolder, must, ROOT, run } from "./process.ts";

Deno.test("nfscribe test shows where each packet goes, the totals and each failure with its place", async () => {
  await using folder = await folderWith(BY_LENGTH);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const { code, stdout, stderr } = await run(nfscribe("test", ...files));
  assertEquals({ code, stderr }, { code: 1, stderr: "" });
  const packet = (length: number) =>
    `2023-11-14T22:13:20.123456Z 192.0.2.1:1234 > 192.0.2.2:9 UDP length=${length}`;
  assertEquals(stdout.split("\n"), [
    `     1  pcap            ${packet(29)}`,
    `     2  pcap, logemu    ${packet(30)}`,
    `        failed: Error: thirty (${folder.path}/filter.ts:3:43)`,
    `     3  dropped         ${packet(31)}`,
    "",
    "packets 3, dropped 1, failed 1, malformed 0",
    "outputs: pcap 2, logemu 1",
    "",
  ]);
  const json = await run(nfscribe("test", ...files, "--json"));
  const rows = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.length, 4);
  const { ip, udp, capture: _, ...row } = rows[0];
  assertEquals(row, {
    ...{ number: 1, packet: packet(29), outputs: ["pcap"] },
    ...{ type: "packet", version: 1, time: "2023-11-14T22:13:20.123456Z" },
    ...{ source: "192.0.2.1", sourcePort: 1234, destination: "192.0.2.2", destinationPort: 9 },
    ...{ protocol: "UDP", length: 29, etherType: 0x0800 },
  });
  assertEquals([ip.version, udp.length], [4, 9]);
  assertMatch(rows[1].error, /^Error: thirty/);
  const outputs = { pcap: 2, logemu: 1 };
  assertEquals(rows[3], { packets: 3, dropped: 1, failed: 1, malformed: 0, outputs });
  assertEquals([...Deno.readDirSync(folder.path)].length, 2, "nothing is written");
});

Deno.test("nfscribe test takes the names of outputs from --outputs or a configuration", async () => {
  await using folder = await folderWith(`export default () => "archive";`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const unknown = await run(nfscribe("test", ...files));
  assertEquals(unknown.code, 1);
  assertStringIncludes(unknown.stdout, 'failed: returned "archive": no such output');
  const named = await must(nfscribe("test", ...files, "--outputs", "archive,logemu"));
  assertStringIncludes(named, "outputs: archive 3, logemu 0");
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(config, `[output.archive]\ntype = "pcap"\npath = "a.pcap"\n`);
  assertStringIncludes(await must(nfscribe("test", ...files, "-c", config)), "outputs: archive 3");
});

Deno.test("nfscribe test reads nfscribe.toml of the current folder, as nfscribe run does, and says so", async () => {
  await using folder = await folderWith(`export default () => "archive";`);
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = 1\n[output.archive]\ntype = "pcap"\npath = "a.pcap"\n` +
      `[stats]\nsocket = "nfscribe.sock"\nmetrics = "127.0.0.1:9477"\n[log]\nfile = "x.log"\n`,
  );
  const test = nfscribe("test", "filter.ts", "trace.pcap");
  const { code, stdout, stderr } = await run(inFolder(path, test));
  assertEquals(
    { code, stderr },
    { code: 0, stderr: "nfscribe: Outputs and the filter's settings are those of nfscribe.toml\n" },
  );
  assertStringIncludes(stdout, "outputs: archive 3");
  await Deno.rename(`${path}/trace.pcap`, `${path}/a.pcap`);
  const own = await must(inFolder(path, nfscribe("test", "filter.ts", "a.pcap")));
  assertStringIncludes(own, "outputs: archive 3");
  await Deno.rename(`${path}/a.pcap`, `${path}/trace.pcap`);
  const others = await run(inFolder(path, [...test, "--outputs", "archive,logemu"]));
  assertEquals({ code: others.code, stderr: others.stderr }, { code: 0, stderr: "" });
  const flags = (await must(inFolder(path, [...test, "--flags"]))).trim().split("\n");
  await must(inFolder(path, deno(...flags, `${ROOT}main.ts`, "test", "filter.ts", "trace.pcap")));
});

Deno.test("nfscribe test shows what a filter attaches and emits, and lines between packets", async () => {
  await using folder = await folderWith(`export default (packet, context) => {
  context.attach({ length: packet.originalLength });
  for (let n = 0; n < 2; n++) context.emit("logemu", { EVENT: "seen", N: n });
  return "pcap";
};
export const stop = (context) => context.emit("logemu", { EVENT: "end" });`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const lines = (await must(nfscribe("test", ...files))).split("\n");
  assertEquals(lines.slice(1, 4), [
    '        attached: {"length":29}',
    "        emitted to logemu: EVENT=seen N=0",
    "        emitted to logemu: EVENT=seen N=1",
  ]);
  assertEquals(lines.slice(12), [
    "     -  emitted to logemu: EVENT=end",
    "",
    "packets 3, dropped 0, failed 0, malformed 0",
    "outputs: pcap 3, logemu 0",
    "emitted: logemu 7",
    "",
  ]);
  const json = (await must(nfscribe("test", ...files, "--json"))).trim().split("\n");
  const rows = json.map((line) => JSON.parse(line));
  assertEquals([rows[2].number, rows[2].attached], [3, { length: 31 }]);
  assertEquals(rows[3], { emitted: [{ output: "logemu", fields: { EVENT: "end" } }] });
  assertEquals(rows[4].emitted, { logemu: 7 });
});

Deno.test("many packets with all that a filter attaches and emits come in their order, each once", async () => {
  await using folder = await folderWith(`let n = 0;
const text = "x".repeat(1500);
export default (packet, context) => {
  context.attach({ n: ++n, text: text.repeat(20) });
  for (let line = 0; line < 20; line++) context.emit("logemu", { N: n, LINE: line, TEXT: text });
  return true;
};`);
  await Deno.remove(`${folder.path}/trace.pcap`);
  {
    await using file = await pcapFile(`${folder.path}/trace.pcap`);
    for (let count = 0; count < 100; count++) await file.write(udpPacket(1));
  }
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const lines = (await must(nfscribe("test", ...files, "--json"))).trim().split("\n");
  const rows = lines.map((line) => JSON.parse(line));
  assertEquals(rows.pop().emitted, { logemu: 2000 });
  assertEquals(rows.length, 100);
  for (const [at, { number, attached, emitted }] of rows.entries()) {
    assertEquals([number, attached.n], [at + 1, at + 1]);
    assertEquals(emitted.map(({ fields }: { fields: unknown }) => fields).length, 20);
    assert(emitted.every(({ fields: { N } }: { fields: { N: string } }) => N === `${at + 1}`));
  }
});

Deno.test("nfscribe test grants a filter nothing of what the configuration grants, unless it is asked to", async () => {
  let posts = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    posts++;
    return new Response();
  });
  const { port } = server.addr;
  await using folder = await folderWith(`export default async () => {
  await fetch("http://127.0.0.1:${port}/").then((response) => response.body?.cancel());
  return "pcap";
};`);
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[filter]\nscript = "filter.ts"\n[filter.permissions]\nnet = ["127.0.0.1:${port}"]\n` +
      `[output.pcap]\npath = "out.pcap"\n`,
  );
  const test = ["test", `${path}/filter.ts`, `${path}/trace.pcap`, "-c", `${path}/nfscribe.toml`];
  const flags = (await must(nfscribe(...test, "--flags"))).trim().split("\n");
  assert(!flags.some((flag) => flag.startsWith("--allow-net")), String(flags));
  const { code, stdout, stderr } = await run(soon(nfscribe(...test)));
  assertEquals([code, posts], [1, 0]);
  assertStringIncludes(stdout, "failed: NotCapable: Requires net access");
  assertStringIncludes(
    stderr,
    "nfscribe: The filter is not granted what [filter.permissions] says (net); --permissions grants it\n",
  );
  const watch = ["watch", "--group", "1", "--filter", test[1]!, ...test.slice(3), "--flags"];
  assert(!(await must(nfscribe(...watch))).includes("--allow-net"));
  assertStringIncludes(await must(nfscribe(...watch, "--permissions")), "--allow-net");
  const granting = [...test, "--permissions"];
  const all = (await must(nfscribe(...granting, "--flags"))).trim().split("\n");
  assert(all.includes(`--allow-net=127.0.0.1:${port}`), String(all));
  const granted = await must(soon(deno(...all, `${ROOT}main.ts`, ...granting)));
  assertStringIncludes(granted, "outputs: pcap 3");
  assertEquals(posts, 3);
});

Deno.test("nfscribe test takes outputs of a configuration that only a run could complete", async () => {
  await using folder = await folderWith(`export default () => ["postgres", "logemu"];`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[output.postgres]\nurl = "postgres://nobody@localhost/none"\n[output.logemu]\npath = "x.log"\n`,
  );
  const said = await must(soon(nfscribe("test", ...files, "-c", config)));
  assertStringIncludes(said, "outputs: postgres 3, logemu 3");
});

Deno.test("nfscribe test counts packets that a format cannot hold apart, as a run does", async () => {
  await using folder = await folderWith("export default () => true;");
  const { path } = folder;
  await Deno.remove(`${path}/trace.pcap`);
  {
    await using file = await pcapFile(`${path}/trace.pcap`, { linkType: "nflog" });
    for (const packet of [udpPacket(1), arpPacket(), udpPacket(1)]) await file.write(packet);
  }
  const files = [`${path}/filter.ts`, `${path}/trace.pcap`];
  const text = await must(nfscribe("test", ...files));
  assertStringIncludes(
    text,
    "outputs: pcap 2, logemu 3\nof a kind that the format cannot hold: pcap 1\n",
  );
  const totals = JSON.parse(
    (await must(nfscribe("test", ...files, "--json"))).trim().split("\n")[3]!,
  );
  assertEquals([totals.outputs, totals.unfit], [{ pcap: 2, logemu: 3 }, { pcap: 1 }]);
  const { stderr } = await run(
    nfscribe("replay", files[1]!, "--filter", files[0]!, "--pcap", `${path}/out.pcap`),
  );
  assertMatch(stderr, /outputs pcap: written 2, bytes \d+, failed 1/);
});

Deno.test("a name that no output has follows on_error, as docs/filters.md says, unless another name is right", async () => {
  for (
    const [verdict, onError, counters] of [
      ['"pcpa"', "pass", [3, 3, 3]],
      ['["pcpa", "x"]', "pass", [3, 3, 3]],
      ['"pcpa"', "drop", [3, 0, 0]],
      ['["pcap", "x"]', "pass", [0, 3, 0]],
    ] as const
  ) {
    await using folder = await folderWith(`export default () => ${verdict};`);
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[filter]\nscript = "filter.ts"\non_error = "${onError}"\n[output.pcap]\npath = "out.pcap"\n` +
        `[output.logemu]\npath = "out.log"\nhostname = "gate"\n[log]\nformat = "json"\n`,
    );
    const { stderr } = await run(
      nfscribe("replay", `${path}/trace.pcap`, "-c", `${path}/nfscribe.toml`),
    );
    const records = stderr.trim().split("\n").map((line) => JSON.parse(line));
    const { filter, outputs } = records.at(-1).counters;
    assertEquals(
      [filter.failed, outputs.pcap.written, outputs.logemu.written],
      counters,
      `${verdict} ${onError}`,
    );
    assert(stderr.includes("there is no such output, only"));
  }
});
