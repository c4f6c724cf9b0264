import { assert, assertEquals, assertGreater } from "@std/assert";
import * as bpf from "../../../src/bytes/bpf.ts";
import { expressionAbout } from "../../../src/filter/expression/expression.ts";
import { compileFlowPredicate } from "../../../src/filter/expression/predicate/flow.ts";
import { Flow } from "../../../src/flow/flow.ts";
import { NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR } from "../../../src/netlink/message.ts";
import { kernelFilter } from "../../../src/source/conntrack/kernel_filter.ts";
import { ABOUT_FLOWS, randomEvent } from "../../filter/expression/stored_flows.ts";
import { flowOf } from "../../flow/sample.ts";
import { Random } from "../../fuzz/random.ts";
import { runBpf } from "./run_bpf.ts";
import { EVENTS } from "./events.ts";

function programOf(text: string, keepsTrack = false): Uint8Array<ArrayBuffer> | undefined {
  return kernelFilter(expressionAbout(text, ["flow", "packet"]), keepsTrack);
}

/** Conditions that the kernel cannot tell; with them a program may accept more. */
const UNKNOWN = /state|packets|bytes|duration|label|helper|capture/;

Deno.test("the kernel's filter accepts every event that its expression chooses, and of what it knows no other", () => {
  const random = new Random(9);
  const events = [
    ...Object.values(EVENTS),
    ...Array.from({ length: 1500 }, () => randomEvent(random)),
  ];
  const flows = events.map((event) => Flow.rawOf(flowOf(event)));
  const conditions = ABOUT_FLOWS.map((text) => `(${text})`);
  const joined = Array.from({ length: 300 }, () => {
    const [a, b, c] = [1, 2, 3].map(() => random.pick(conditions));
    return random.pick([
      `${a} and not ${b} or ${c}`,
      `not (${a} or ${b}) and ${c}`,
      `${a} or ${b}`,
    ]);
  });
  let leftOut = 0;
  for (const text of [...ABOUT_FLOWS, ...joined]) {
    const program = programOf(text);
    const chooses = compileFlowPredicate(expressionAbout(text, ["flow", "packet"]));
    events.forEach((event, index) => {
      const isAccepted = program === undefined || runBpf(program, event) > 0;
      const isChosen = chooses(flows[index]!);
      if (!isAccepted) leftOut++;
      if (isChosen && !isAccepted) throw new Error(`${text} loses ${new Flow(flows[index]!)}`);
      // The kernel sends the status with every event; one without it is accepted.
      const isUsual = flows[index]!.status >= 0 || !text.includes("status");
      if (isAccepted && !isChosen && isUsual && !UNKNOWN.test(text)) {
        throw new Error(`${text} accepts ${new Flow(flows[index]!)}`);
      }
    });
  }
  assertGreater(leftOut, 100_000);
});

Deno.test("messages that are no events pass every filter", () => {
  const program = programOf("packet")!;
  const message = EVENTS.udpNew.slice();
  assertEquals(runBpf(program, message), 0);
  const view = new DataView(message.buffer);
  view.setUint16(6, NLM_F_MULTI, true);
  assertGreater(runBpf(program, message), 0);
  for (const type of [NLMSG_ERROR, NLMSG_DONE, 0x0200]) {
    view.setUint16(4, type, true);
    assertGreater(runBpf(program, message), 0);
  }
});

Deno.test("where flows are followed, nothing is left out by what changes in their life", () => {
  for (const text of ["event destroy", "mark 7", "not status assured", "event new or tcp"]) {
    assert(programOf(text) !== undefined, text);
    assertEquals(programOf(text, true), undefined, text);
  }
  const tcp = programOf("event destroy and tcp", true)!;
  assertGreater(runBpf(tcp, EVENTS.tcpNew), 0);
  assertEquals(runBpf(tcp, EVENTS.udpDestroy), 0);
});

Deno.test("a program has no more instructions than the kernel takes", () => {
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, n) => `host 10.0.${n >> 8}.${n & 255}`).join(" or ");
  const program = programOf(hosts(200))!;
  assertGreater(program.length / 8, 1000);
  assert(program.length / 8 <= bpf.INSTRUCTIONS_MAX);
  assertEquals(programOf(hosts(1000)), undefined);
});
