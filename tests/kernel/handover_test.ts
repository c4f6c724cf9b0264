import { fromFileUrl } from "../../src/text/file_url.ts";
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { makeMemoryFile } from "../../ffi/memory_file.ts";
import { NETLINK_NETFILTER, NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { UnixSocket } from "../../ffi/unix_socket.ts";
import { readMessages } from "../../src/netlink/message.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";
import { UlogReader } from "../../src/source/ulog/reader.ts";
import { HAS_BASH, Manager } from "../system/manager.ts";
import { deno, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { HAS_VETH, openPeer } from "./peer.ts";
import { sendUdp } from "./traffic.ts";

const SCRIPT = fromFileUrl(new URL("counting.ts", import.meta.url).href);

/** Result of `counting.ts`. */
interface Count {
  received: number;
  lost: number;
  expected: number;
  begun?: number;
  warnings: string[];
}

function counting(...args: string[]): string[] {
  return deno("--allow-ffi", "--allow-env", SCRIPT, ...args);
}

/** Returns the result of a program once it has ended. */
async function countOf(child: Deno.ChildProcess): Promise<Count> {
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

/** Starts a service and waits until it is ready. */
async function start(manager: Manager, group: number): Promise<Deno.ChildProcess> {
  manager.notices.length = 0;
  const child = manager.start(counting(`${group}`));
  await until("it is ready", () => manager.hasHeard("READY", "1"));
  return child;
}

const OPTIONS = { copyRange: 100, bufferSize: 65536, queueThreshold: 10, queueTimeoutMs: 10 };

/** Passes a reader's socket to another descriptor, as a process would receive it. */
async function duplicate(descriptor: number): Promise<number> {
  const name = `@nfscribe-test-${crypto.randomUUID()}`;
  await using receiver = UnixSocket.open("datagram");
  await using sender = UnixSocket.open("datagram");
  receiver.bind(name);
  sender.send(new Uint8Array(1), [descriptor], { to: name });
  return receiver.receive()!.descriptors[0]!;
}

Deno.test(`a service that stops and starts again loses no packet (needs nft, bash)`, {
  ignore: !HAS_NFT || !HAS_BASH,
}, async () => {
  await using rules = await nft([["output", "udp dport 9 counter log group 701"]]);
  await using manager = new Manager();
  const counts: Count[] = [];
  for (let round = 0; round < 3; round++) {
    const child = await start(manager, 701);
    sendUdp(1000);
    child.kill("SIGTERM");
    counts.push(await countOf(child));
    assert(manager.hasHeard("STOPPING", "1"));
    sendUdp(1000);
  }
  assertEquals(counts.map(({ lost, warnings }) => [lost, warnings]), Array(3).fill([0, []]));
  assertEquals(counts.map(({ begun }) => begun), [
    undefined,
    counts[0]!.expected,
    counts[1]!.expected,
  ]);
  const child = await start(manager, 701);
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill("SIGTERM");
  counts.push(await countOf(child));
  const received = counts.reduce((sum, count) => sum + count.received, 0);
  assertEquals([received, await rules.count()], [6000, 6000]);
});

Deno.test(`a service that is killed and starts again continues to count (needs nft, bash)`, {
  ignore: !HAS_NFT || !HAS_BASH,
}, async () => {
  await using rules = await nft([["output", "udp dport 9 counter log group 702"]]);
  await using manager = new Manager();
  const killed = await start(manager, 702);
  for (let round = 0; round < 20; round++) sendUdp(500);
  killed.kill("SIGKILL");
  await killed.output();
  sendUdp(1000);
  const child = await start(manager, 702);
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill("SIGTERM");
  const { begun, received, lost, expected } = await countOf(child);
  assertEquals(begun! + received + lost, await rules.count());
  assertEquals(expected, await rules.count());
  assert(lost <= 512, "at most the current datagram");
});

Deno.test(`one process takes over from another under load without a packet lost (needs nft)`, {
  ignore: !HAS_NFT,
}, async () => {
  await using rules = await nft([["output", "udp dport 9 counter log group 703"]]);
  await using folder = await temporaryFolder();
  const path = `${folder.path}/stats.sock`;
  const rights = [`--allow-net=unix:${path}`, `--allow-read=${path}`, `--allow-write=${path}`];
  const begin = async (...args: string[]) => {
    const [program, ...words] = deno("--allow-ffi", ...rights, SCRIPT, "703", path, ...args);
    const child = new Deno.Command(program!, { args: words, stdout: "piped" }).spawn();
    const [copy, output] = child.stdout.tee();
    const lines = copy.pipeThrough(new TextDecoderStream()).getReader();
    await lines.read();
    lines.cancel();
    return { child, output: new Response(output).text() };
  };
  const runs = [await begin()];
  const traffic = setInterval(() => sendUdp(200), 2);
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    runs.push(await begin("take"));
    assertEquals((await runs[round]!.child.status).code, 0);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  clearInterval(traffic);
  await new Promise((resolve) => setTimeout(resolve, 200));
  runs.at(-1)!.child.kill("SIGTERM");
  const texts = await Promise.all(runs.map(({ output }) => output));
  await Promise.all(runs.map(({ child }) => child.status));
  const counts: Count[] = texts.map((text) => JSON.parse(text.trim().split("\n").at(-1)!));
  assertEquals(counts.map(({ lost, warnings }) => [lost, warnings]), Array(4).fill([0, []]));
  const received = counts.reduce((sum, count) => sum + count.received, 0);
  assertEquals(received, await rules.count());
  assertGreater(received, 10_000);
});

Deno.test("a socket that is not bound to its group is closed, and another one opened (needs CAP_NET_ADMIN)", async () => {
  const unbound = NetlinkSocket.open(NETLINK_NETFILTER);
  unbound.bind();
  const bound = await NflogReader.open({ ...OPTIONS, group: 705 }, () => {});
  const useless = [
    await duplicate(unbound.descriptor),
    makeMemoryFile("test"),
    NetlinkSocket.open(NETLINK_USERSOCK).descriptor,
    await duplicate(bound.descriptor),
    9999,
  ];
  await unbound.close();
  for (const descriptor of useless) {
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    await using reader = await NflogReader.open({ ...OPTIONS, group: 704 }, warn, descriptor);
    assertEquals([reader.isAdopted, warnings.length], [false, 1], warnings.join("\n"));
    assertStringIncludes(warnings[0]!, "another one is opened");
  }
  await bound.close();
});

Deno.test(`a socket of another network namespace is not adopted (needs veth)`, {
  ignore: !HAS_VETH,
}, async () => {
  await using peer = await openPeer();
  const options = { ...OPTIONS, group: 706 };
  await using there = await NflogReader.open({ ...options, netns: peer.pid }, () => {});
  const descriptor = await duplicate(there.descriptor);
  const warnings: string[] = [];
  await using here = await NflogReader.open(options, (text) => warnings.push(text), descriptor);
  assertEquals(here.isAdopted, false);
  assertStringIncludes(warnings.join(), "it is in another network namespace");
  const again = await duplicate(there.descriptor);
  await using adopted = await NflogReader.open({ ...options, netns: peer.pid }, () => {}, again);
  assertEquals(adopted.isAdopted, true);
});

Deno.test(`a socket with a full buffer is handed over with its packets (needs nft)`, {
  ignore: !HAS_NFT,
}, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 707"]]);
  const options = { ...OPTIONS, group: 707, queueThreshold: 1 };
  const first = await NflogReader.open(options, () => {});
  sendUdp(5000);
  const dropped = first.droppedDatagrams;
  assertGreater(dropped, 0);
  first.leave();
  assertEquals(first.receive(new Uint8Array(262144)), -1);
  const descriptor = await duplicate(first.descriptor);
  await first.close();
  await using next = await NflogReader.open(options, () => {}, descriptor);
  assertEquals([next.isAdopted, next.droppedDatagrams], [true, 0]);
  const buffer = new Uint8Array(262144);
  let packets = 0;
  for (let length; (length = next.receive(buffer)) !== -1;) {
    packets += [...readMessages(buffer.subarray(0, length))].length;
  }
  assertEquals(packets, 5000 - dropped);
});

Deno.test("a ULOG socket is adopted if it is in its group (needs CAP_NET_ADMIN)", async () => {
  const options = { group: 31, copyRange: 0, bufferSize: 65536, netlinkFamily: NETLINK_USERSOCK };
  const first = await UlogReader.open(options, () => {});
  const descriptors = [await duplicate(first.descriptor), await duplicate(first.descriptor)];
  await first.close();
  await using adopted = await UlogReader.open(options, () => {}, descriptors[0]);
  assertEquals(adopted.isAdopted, true);
  const warnings: string[] = [];
  const other = { ...options, group: 30 };
  await using opened = await UlogReader.open(other, (text) => warnings.push(text), descriptors[1]);
  assertEquals(opened.isAdopted, false);
  assertStringIncludes(warnings.join(), "it is not in ULOG group 30");
});
