import { assertEquals } from "@std/assert";
import { Order, type Placed } from "../../../src/source/nats/order.ts";

interface Named extends Placed {
  name: string;
}

const message = (
  name: string,
  first: number | undefined,
  { lane = "a", records = 10, size = 100, isOld = false } = {},
): Named => ({ name, lane, first, records, size, isOld });
const names = (taken: { message: Named; missing: number }[]) =>
  taken.map(({ message: { name }, missing }) => missing === 0 ? name : `${name} -${missing}`);

Deno.test("Messages in their order are taken at once, those of other lanes too", () => {
  const order = new Order<Named>();
  assertEquals(names(order.offer(message("1", 0), 0)), ["1"]);
  assertEquals(names(order.offer(message("2", 10), 0)), ["2"]);
  assertEquals(names(order.offer(message("x", 0, { lane: "b" }), 0)), ["x"]);
  assertEquals(order.nextMs, Infinity);
});

Deno.test("A message waits for those before it, and goes on without them after a time", () => {
  const order = new Order<Named>({ gapMs: 1000 });
  order.offer(message("1", 0), 0);
  assertEquals(names(order.offer(message("4", 30), 5)), []);
  assertEquals(names(order.offer(message("3", 20), 6)), []);
  assertEquals(names(order.offer(message("2", 10), 7)), ["2", "3", "4"]);
  assertEquals(names(order.offer(message("7", 60), 10)), []);
  assertEquals(names(order.offer(message("8", 70), 500)), []);
  assertEquals(order.nextMs, 1010);
  assertEquals(names(order.due(1009)), []);
  assertEquals(names(order.due(1010)), ["7 -20", "8"]);
  // One that was counted as missing.
  assertEquals(names(order.offer(message("5", 40), 2000)), ["5"]);
});

Deno.test("The first message of a lane, and an old one, wait for a short time, and nothing is missing", () => {
  const order = new Order<Named>({ gapMs: 1000, beginMs: 10 });
  assertEquals(names(order.offer(message("6", 50), 0)), []);
  assertEquals(names(order.offer(message("5", 40), 3)), []);
  const [five, six] = order.due(10);
  assertEquals([five!.message.name, five!.missing, five!.epoch], ["5", 0, 1]);
  assertEquals([six!.message.name, six!.missing, six!.epoch], ["6", 0, 1]);
  assertEquals(names(order.offer(message("9", 80, { isOld: true }), 20)), []);
  const [nine] = order.due(30);
  assertEquals([nine!.message.name, nine!.missing, nine!.epoch], ["9", 0, 2]);
});

Deno.test("What was handed out is repeated, in whatever order it was handed out", () => {
  const order = new Order<Named>();
  for (const first of [0, 10, 30, 20]) order.handOut(message("", first));
  assertEquals(order.isRepeated(message("", 20)), true);
  assertEquals(order.isRepeated(message("", 5, { records: 30 })), true);
  assertEquals(order.isRepeated(message("", 40)), false);
  assertEquals(order.isRepeated(message("", 35)), false);
  assertEquals(order.isRepeated(message("", 0, { lane: "b" })), false);
  assertEquals(order.isRepeated(message("", undefined)), false);
  assertEquals(order.isRepeated(message("", 0, { records: 0 })), false);
});

Deno.test("Messages that wait are bounded in bytes, and lanes in number", () => {
  const order = new Order<Named>({ heldBytes: 1000, lanes: 2 });
  order.offer(message("1", 0), 0);
  order.offer(message("3", 20, { size: 600 }), 0);
  assertEquals(names(order.offer(message("5", 40, { size: 600 }), 0)), ["3 -10", "5 -10"]);
  order.handOut(message("1", 0));
  for (const lane of ["b", "c"]) order.offer(message("x", 0, { lane }), 0);
  assertEquals(order.isRepeated(message("1", 0)), false);
});

Deno.test("After a reset what was not handed out is offered again", () => {
  const order = new Order<Named>();
  order.offer(message("1", 0), 0);
  order.offer(message("2", 10), 0);
  order.offer(message("4", 30), 0);
  order.handOut(message("1", 0));
  order.reset();
  assertEquals(order.nextMs, Infinity);
  assertEquals(order.isRepeated(message("2", 10)), false);
  assertEquals(names(order.offer(message("2", 10), 0)), ["2"]);
  assertEquals(names(order.offer(message("4", 30), 0)), []);
  assertEquals(names(order.offer(message("3", 20), 0)), ["3", "4"]);
});

Deno.test("Where too many messages wait the lane with the most goes on, and no other", () => {
  const order = new Order<Named>({ heldMessages: 4, laneMessages: 3 });
  const held = (lane: string, first: number) =>
    names(order.offer(message(`${lane}${first}`, first, { lane }), 0));
  for (const lane of ["a", "b"]) order.offer(message("", 0, { lane }), 0);
  assertEquals(held("a", 20), []);
  for (const first of [20, 40, 60]) assertEquals(held("b", first), []);
  assertEquals(held("b", 80), ["b20 -10", "b40 -10", "b60 -10", "b80 -10"]);
  for (const first of [110, 130]) assertEquals(held("b", first), []);
  assertEquals(held("c", 20), []);
  assertEquals(held("d", 20), ["b110 -20", "b130 -10"]);
  // What the others wait for still comes in front of them.
  assertEquals(held("a", 10), ["a10", "a20"]);
});

Deno.test("A gap that no sender can have is none", () => {
  const order = new Order<Named>({ gapMs: 10 });
  order.offer(message("1", 0), 0);
  order.offer(message("2", 2 ** 40), 0);
  const [two] = order.due(10);
  assertEquals([two!.message.name, two!.missing, two!.epoch], ["2", 0, 1]);
});
