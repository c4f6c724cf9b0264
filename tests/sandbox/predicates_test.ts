import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { packetExpression } from "../../src/filter/expression/expression.ts";
import { Packet } from "../../src/packet/packet.ts";
import { predicatesOf } from "../../src/sandbox/record_kinds.ts";

Deno.test("An expression chooses packets; flows pass as a whole", () => {
  const { packet: chooses, flow } = predicatesOf(packetExpression("mark 7"));
  const marked = [7, 8].map((mark) => chooses!(Packet.rawOf(packet({ mark }))));
  assertEquals([marked, flow], [[true, false], undefined]);
});
