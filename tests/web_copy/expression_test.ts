import { assert, assertEquals } from "@std/assert";
import { expression } from "nfscribe";
import { packet } from "nfscribe/testing";
import { conditionFor } from "../../src/output/table/condition.ts";
import { SQLITE as dialect } from "../../src/filter/expression/sql/dialect.ts";
import {
  conversationExpression,
  flowExpression,
  flowPacketsExpression,
  flowsExpression,
  packetExpression,
  quotedText,
} from "../../src/web/copy/expression.ts";
import { FLOWS, PACKETS } from "./records.ts";

const TCP = PACKETS[0]!.stored;

Deno.test("packetExpression() tells the rule, the way and the ends", () => {
  assertEquals(
    packetExpression(TCP),
    'prefix "ssh " and hook input and in "eth0" and tcp and src host 192.0.2.1 and ' +
      "src port 40000 and dst host 192.0.2.2 and dst port 22",
  );
});

for (const { name, packet, stored } of PACKETS) {
  Deno.test(`Expressions of a packet choose it, and stores take them: ${name}`, () => {
    const texts = [packetExpression(stored), conversationExpression(stored)];
    for (const text of texts.filter((text) => text !== undefined)) {
      assert(expression(text)(packet), text);
      conditionFor("packet", text, dialect);
    }
    const flows = flowsExpression(stored);
    if (flows !== undefined) conditionFor("flow", flows, dialect);
    assertEquals(flows === undefined, stored.source === undefined || stored.protocol === "ARP");
  });
}

Deno.test("conversationExpression() chooses answers, and neither other ports nor other hosts", () => {
  const chooses = expression(conversationExpression(TCP)!);
  const answer = { source: "192.0.2.2", destination: "192.0.2.1" };
  const ports = { sourcePort: 22, destinationPort: 40_000 };
  assert(chooses(packet({ ...answer, tcp: ports })));
  assert(!chooses(packet({ ...answer, tcp: { ...ports, sourcePort: 23 } })));
  assert(!chooses(packet({ ...answer, udp: ports })));
  assert(!chooses(packet({ ...answer, source: "192.0.2.3", tcp: ports })));
  // The same ports at the wrong ends.
  assert(!chooses(packet({ ...answer, tcp: { sourcePort: 40_000, destinationPort: 22 } })));
});

for (const { name, flow, stored } of FLOWS) {
  Deno.test(`Expressions of a flow choose it, and stores take them: ${name}`, () => {
    const text = flowExpression(stored);
    assert(expression(text)(flow), text);
    conditionFor("flow", text, dialect);
    conditionFor("packet", flowPacketsExpression(stored), dialect);
  });
}

Deno.test("flowPacketsExpression() chooses packets on both sides of a translation", () => {
  const snat = FLOWS.find(({ name }) => name === "source NAT")!.stored;
  const chooses = expression(flowPacketsExpression(snat));
  const { sourcePort, destinationPort } = snat.original;
  const before = { source: "10.0.0.7", destination: "192.0.2.1" };
  assert(
    chooses(
      packet({ ...before, tcp: { sourcePort: sourcePort!, destinationPort: destinationPort! } }),
    ),
  );
  const answer = { source: "192.0.2.1", destination: "198.51.100.7" };
  assert(chooses(packet({ ...answer, tcp: { sourcePort: 443, destinationPort: 61_000 } })));
  assert(!chooses(packet({ ...answer, tcp: { sourcePort: 443, destinationPort: 61_001 } })));
});

Deno.test("flowsExpression() chooses the flow of a packet, whichever direction it had", () => {
  const { flow, stored } = FLOWS.find(({ name }) => name === "source NAT")!;
  for (const side of [stored.original, stored.reply!]) {
    const { source, sourcePort, destination, destinationPort } = side;
    const ports = { sourcePort: sourcePort!, destinationPort: destinationPort! };
    const there = { ...TCP, source, destination, ...ports };
    assert(expression(flowsExpression(there)!)(flow));
  }
});

Deno.test("quotedText() stays in one line, and its wildcards are characters", () => {
  assertEquals(quotedText('a*"\\\n\u202e'), '"a\\*\\"\\\\??"');
  const names = ["a*", '"', "\\", "a b", "(x)", "x\ny", "ä"];
  for (const prefix of names.filter((name) => !name.includes("\n"))) {
    const chooses = expression(`prefix ${quotedText(prefix)}`);
    for (const other of ["ab", "", ...names]) {
      if (other.includes("\n")) continue;
      assertEquals(chooses(packet({ prefix: other })), other === prefix, `${prefix} ${other}`);
    }
  }
});
