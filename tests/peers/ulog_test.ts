import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { NetlinkError } from "../../src/errors.ts";
import { LAYOUT_32 } from "../../src/source/ulog/constants.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import { hex } from "../packet/sample.ts";
import { ulogDatagram, type UlogPacket } from "../source/ulog/sample.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { cornerFrames } from "./corner_packets.ts";
import { hasUlogd, LOGEMU_STACK, startUlogdOnUlog } from "./ulogd.ts";

const HAS_ALL = hasUlogd("LOGEMU") && hasUlogd("PCAP") && canRun("gcc", "--version");
const NEEDS = HAS_ALL ? "" : " (needs ulogd2, gcc and root)";
const GROUP = 5;

/** Sends a datagram to a group, as a relay would. */
function send(socket: NetlinkSocket, datagram: Uint8Array<ArrayBuffer>): void {
  try {
    socket.send(datagram, 0, 1 << (GROUP - 1));
  } catch (error) {
    // The kernel reports this although the group receives it: no socket there has port id 0.
    if (!(error instanceof NetlinkError) || error.code !== "ECONNREFUSED") throw error;
  }
}

/** Returns IPv4 packets with headers that end early, as rules with various options log them. */
function packets(): UlogPacket[] {
  return cornerFrames().map(({ bytes }) => bytes.slice(14)).filter((payload) =>
    payload.length > 0 && payload[0]! >> 4 === 4
  ).map((payload, index) => ({
    payload,
    mark: index % 3 === 0 ? 0x2a : 0,
    hook: index % 5,
    prefix: ["", "drop: ", "x".repeat(31)][index % 3]!,
    inDevice: index % 4 === 0 ? "" : "eth0",
    outDevice: index % 4 === 0 ? "eth1" : "",
    mac: index % 2 === 0 ? hex("02005e100001 02005e100002 0800") : new Uint8Array(0),
    ...index % 5 === 0 && { seconds: 1_600_000_000 + index, microseconds: 123_456 },
  }));
}

async function writeConfig(folder: string, further = ""): Promise<string> {
  const path = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(
    path,
    `[[source]]\ntype = "ulog"\ngroup = ${GROUP}\nnetlink_family = 2\n${further}` +
      `[output.pcap]\npath = "ours.pcap"\n[output.logemu]\npath = "ours.log"\nhostname = "gate"\n` +
      `[log]\nformat = "json"\n`,
  );
  return path;
}

Deno.test({
  name: `ulogd's own ULOG input and nfscribe's write the same lines and records${NEEDS}`,
  ignore: !HAS_ALL,
  fn: async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/pcap`);
    await using _lines = await startUlogdOnUlog(
      path,
      GROUP,
      { plugin: "LOGEMU", options: `file="${path}/theirs.log"\nsync=1` },
      // The kernel itself names the devices.
      LOGEMU_STACK.filter((name) => name !== "filter_IFINDEX:IFINDEX"),
    );
    await using records = await startUlogdOnUlog(
      `${path}/pcap`,
      GROUP,
      { plugin: "PCAP", options: `file="${path}/theirs.pcap"\nsync=1` },
      ["raw2packet_BASE:BASE"],
    );
    await using nfscribe = await startNfscribe("-c", await writeConfig(path));
    await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
    socket.bind();
    const sent = packets();
    for (let at = 0; at < sent.length;) {
      // Alone, and in batches as large as the kernel's.
      const size = at % 3 === 0 ? 1 : 1 + at % 50;
      send(socket, ulogDatagram(sent.slice(at, at + size)));
      at += size;
      await delay(1);
    }
    const linesOf = async (file: string) =>
      (await Deno.readTextFile(`${path}/${file}`)).trimEnd().split("\n").map((line) =>
        line.slice(16)
      );
    await until(
      "ulogd has written all",
      async () => (await linesOf("theirs.log")).length === sent.length,
    );
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    await records.stop();
    assertEquals(counters.sources["ulog:5"]!.received, sent.length);
    const host = (await must(["uname", "-n"])).trim().split(".")[0]!;
    const theirs = (await linesOf("theirs.log")).map((line) => line.replace(host, "gate"));
    assertEquals(await linesOf("ours.log"), theirs);
    const [our, their] = [
      await Deno.readFile(`${path}/ours.pcap`),
      await Deno.readFile(`${path}/theirs.pcap`),
    ];
    assertEquals(recordsOf(our), recordsOf(their));
  },
});

/** Returns each record's length before it was cut, and its bytes. */
function recordsOf(file: Uint8Array): string[] {
  const view = new DataView(file.buffer);
  const records: string[] = [];
  for (let at = 24; at < file.length;) {
    const length = view.getUint32(at + 8, true);
    records.push(file.subarray(at + 16, at + 16 + length).toHex());
    at += 16 + length;
  }
  return records;
}

Deno.test({
  name: `several listeners share a group, of both word sizes${NEEDS}`,
  ignore: !HAS_ALL,
  fn: async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    await using first = await startNfscribe("-c", await writeConfig(one.path));
    await using second = await startNfscribe(
      "-c",
      await writeConfig(two.path, "copy_range = 20\n"),
    );
    await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
    socket.bind();
    const sent = packets().filter(({ payload }) => payload.length >= 28);
    for (const packet of sent) {
      send(socket, ulogDatagram([packet], LAYOUT_32));
      await delay(1);
    }
    for (const nfscribe of [first, second]) {
      nfscribe.kill("SIGTERM");
      assertEquals((await nfscribe.ended()).counters.sources["ulog:5"]!.received, sent.length);
    }
    const whole = recordsOf(await Deno.readFile(`${one.path}/ours.pcap`));
    const cut = recordsOf(await Deno.readFile(`${two.path}/ours.pcap`));
    assertEquals(whole, sent.map(({ payload }) => payload.toHex()));
    assertEquals(cut, sent.map(({ payload }) => payload.slice(0, 20).toHex()));
  },
});

Deno.test("without ULOG in the kernel the error names it and prints the NFLOG form", async () => {
  await using folder = await temporaryFolder();
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "ulog"\ngroup = 7\n[output.pcap]\npath = "x.pcap"\n`,
  );
  const rights = ["--allow-ffi", "--allow-read", "--allow-write"];
  const { code, stderr } = await run(deno(...rights, `${ROOT}main.ts`, "run", "-c", config));
  assertEquals(code, 1);
  assertStringIncludes(stderr, "this kernel has no ULOG");
  assert(stderr.includes("-j NFLOG --nflog-group 7"), stderr);
});
