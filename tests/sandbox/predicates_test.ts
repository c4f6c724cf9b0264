import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { parseExpression } from "../../src/filter/expression/parser.ts";
import { Packet } from "../../src/packet/packet.ts";
import { predicatesOf } from "../../src/sandbox/record_kinds.ts";
import { rawFlow } from "../flow/sample.ts";

Deno.test("An expression chooses of packets and of flows", () => {
  const chosen = (text: string) => {
    const { packet: chooses, flow } = predicatesOf(parseExpression(text));
    const marked = [7, 8].map((mark) => chooses!(Packet.rawOf(packet({ mark }))));
    return [...marked, flow!(rawFlow("udpNew"))];
  };
  assertEquals(chosen("mark 7"), [true, false, false]);
  assertEquals(chosen("mark 8 or event new"), [false, true, true]);
  assertEquals(chosen("prefix a or flow"), [false, false, true]);
});
