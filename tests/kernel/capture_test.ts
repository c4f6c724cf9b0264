import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { leastCpuMs } from "../system/cpu.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { captureSoon, flood, sendUdp, take, takeOne } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

Deno.test(
  "capture() delivers packets of two groups at once, each to its own loop (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([[
      "output",
      `udp dport 9 log prefix a group 401
udp dport 10 log prefix b group 402`,
    ]]);
    await using a = await captureSoon({ group: 401 });
    await using b = await captureSoon({ group: 402 });
    const taking = [take(a, 20), take(b, 30)];
    for (let i = 0; i < 30; i++) {
      if (i < 20) sendUdp(1, i, 9);
      sendUdp(1, i, 10);
    }
    const [fromA, fromB] = await Promise.all(taking);
    assert(fromA!.every(({ prefix, udp }, seq) => prefix === "a" && udp?.length === 8 + seq));
    assert(fromB!.every(({ prefix, udp }, seq) => prefix === "b" && udp?.length === 8 + seq));
    assertEquals([a.stats.received, b.stats.received], [20, 30]);
  },
);

Deno.test("the groups 0 and 65535 work like any other (needs nft)", needsNft, async () => {
  await using _rules = await nft([[
    "output",
    `udp dport 9 log group 0
udp dport 10 log group 65535`,
  ]]);
  for (const [group, port] of [[0, 9], [65535, 10]] as const) {
    await using packets = await captureSoon({ group });
    sendUdp(1, 4, port);
    assertEquals((await takeOne(packets)).udp?.destinationPort, port);
  }
});

Deno.test("an abort while idle rejects with the signal's reason and unbinds the group", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const packets = await captureSoon({ group: 403, signal: controller.signal });
  const waiting = assertRejects(() => packets.next(), Error);
  setTimeout(() => controller.abort(reason), 20);
  assert(await waiting === reason);
  await (await captureSoon({ group: 403 })).close();
});

Deno.test("an abort ends a loop that receives packets (needs nft)", needsNft, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 404"]]);
  const reason = new Error("enough");
  const controller = new AbortController();
  const packets = await captureSoon({ group: 404, signal: controller.signal });
  sendUdp(1000);
  let seen = 0;
  const error = await assertRejects(async () => {
    for await (const _ of packets) if (++seen === 10) controller.abort(reason);
  }, Error);
  assert(error === reason);
  assertEquals(seen, 10);
});

Deno.test("capture() with an aborted signal rejects and binds nothing", async () => {
  const error = await assertRejects(
    () => captureSoon({ group: 405, signal: AbortSignal.abort() }),
    DOMException,
  );
  assertEquals(error.name, "AbortError");
  await (await captureSoon({ group: 405 })).close();
});

Deno.test(
  "break closes the capture and unbinds the group immediately (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 406"]]);
    for (let round = 0; round < 3; round++) {
      const packets = await captureSoon({ group: 406 });
      sendUdp(3);
      for await (const packet of packets) {
        assertEquals(packet.seq, 0);
        break;
      }
      assertEquals(await packets.next(), { value: undefined, done: true });
    }
  },
);

Deno.test("close() ends a loop that waits", async () => {
  const packets = await captureSoon({ group: 407 });
  const waiting = packets.next();
  setTimeout(() => packets.close(), 20);
  assertEquals(await waiting, { value: undefined, done: true });
});

Deno.test(
  "concurrent calls of next() share one wait and get a packet each (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 408"]]);
    await using packets = await captureSoon({ group: 408 });
    const waiting = [packets.next(), packets.next(), packets.next()];
    sendUdp(3);
    const results = await Promise.all(waiting);
    assertEquals(results.map(({ value }) => value?.seq).sort(), [0, 1, 2]);
  },
);

Deno.test("an idle capture uses no CPU", async () => {
  await using packets = await captureSoon({ group: 409 });
  const waiting = packets.next();
  const idle = () => new Promise((resolve) => setTimeout(resolve, 300));
  assertLess(await leastCpuMs(idle), 30);
  await packets.close();
  await waiting;
});

Deno.test("packets that are kept stay valid after 10,000 more (needs nft)", needsNft, async () => {
  await using _rules = await nft([[
    "output",
    `udp dport 9 log prefix kept group 410
udp dport 10 log group 410`,
  ]]);
  await using packets = await captureSoon({ group: 410 });
  for (let size = 10; size < 15; size++) sendUdp(1, size, 9);
  const kept = await take(packets, 5);
  const texts = kept.map(String);
  const copies = kept.map((packet) => packet.copy());
  const payloads = kept.map(({ payload }) => payload!.slice());
  await Promise.all([take(packets, 10_000), flood(10_000, 200, 10)]);
  assertEquals(kept.map(String), texts);
  assertEquals(copies.map(String), texts);
  assertEquals(kept.map(({ payload }) => payload), payloads);
  assertEquals(kept.map(({ prefix }) => prefix), Array(5).fill("kept"));
});

Deno.test(
  "other tasks run while packets arrive without a pause (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 411"]]);
    await using packets = await captureSoon({ group: 411 });
    sendUdp(10_000);
    let fired = false;
    const timer = setTimeout(() => fired = true, 1);
    for await (const _ of packets) {
      sendUdp(1);
      if (fired) break;
    }
    clearTimeout(timer);
    assert(fired);
  },
);

Deno.test(
  "a capture leaves the logger of its network namespace unchanged (needs nft)",
  needsNft,
  async () => {
    const logger = () => readProcFile("/proc/sys/net/netfilter/nf_log/2");
    const before = logger();
    assert(before !== undefined);
    await using _rules = await nft([["output", "udp dport 9 log group 412"]]);
    const packets = await captureSoon({ group: 412 });
    sendUdp();
    await takeOne(packets);
    assertEquals(logger(), before);
    await packets.close();
    assertEquals(logger(), before);
  },
);
