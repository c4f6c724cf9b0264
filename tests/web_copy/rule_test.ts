import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { recordJson } from "../../src/web/copy/json.ts";
import { iptablesRule, nftRule } from "../../src/web/copy/rule.ts";
import { FLOWS, PACKETS } from "./records.ts";

const of = (name: string) => PACKETS.find((sample) => sample.name === name)!.stored;
const command = (text: string | undefined) => text?.split("\n").at(-1);

Deno.test("Rules match the ends of a packet, and the port of the service", () => {
  assertEquals(
    nftRule(of("TCP"), "drop"),
    [
      "# Drops packets from this address to this service, before all other rules of the chain.",
      '# "inet filter input" is the usual name; write that of your own table and chain.',
      `nft 'insert rule inet filter input iifname "eth0" ip saddr 192.0.2.1 ` +
      "ip daddr 192.0.2.2 tcp dport 22 counter drop'",
    ].join("\n"),
  );
  assertEquals(
    command(iptablesRule(of("TCP"), "accept")),
    "iptables -I INPUT -i eth0 -s 192.0.2.1 -d 192.0.2.2 -p tcp --dport 22 -j ACCEPT",
  );
  assertEquals(
    command(iptablesRule(of("an answer"), "count")),
    "iptables -I INPUT -i eth0 -s 192.0.2.1 -d 192.0.2.2 -p tcp --sport 443",
  );
});

Deno.test("Rules have no verdict unless it is chosen", () => {
  for (const { stored } of PACKETS) {
    const rules = [nftRule(stored, "count"), iptablesRule(stored, "count")];
    for (const rule of rules) assertEquals(/accept|drop|-j/i.test(rule ?? ""), false, rule);
  }
});

Deno.test("Rules of a translated flow match its packets as a filter sees them", () => {
  const { stored } = FLOWS.find(({ name }) => name === "destination NAT")!;
  assertStringIncludes(
    nftRule(stored, "accept")!,
    "inet filter forward ip saddr 192.0.2.1 ip daddr 10.0.0.2 tcp dport 8080 counter accept",
  );
});

Deno.test("Nothing that a packet or a device is called reaches a shell", () => {
  const hostile = of("hostile names");
  for (const rule of [nftRule(hostile, "drop")!, iptablesRule(hostile, "drop")!]) {
    assertStringIncludes(rule, "came in by cannot be named here, and is not matched");
    assertMatch(command(rule)!, /^[\w.:'" -]+$/);
  }
  const forged = { ...of("TCP"), source: "192.0.2.1'; id #" };
  assertEquals([nftRule(forged, "drop"), iptablesRule(forged, "drop")], [undefined, undefined]);
});

Deno.test("recordJson() leaves out the address in the store, and acts on no terminal", () => {
  const text = recordJson({ type: "packet", rowId: "7", prefix: "a\u009b2J\u202e\x1b" });
  assertEquals(JSON.parse(text), { type: "packet", prefix: "a\u009b2J\u202e\x1b" });
  assertMatch(text, /^[\x20-\x7e\n]+$/);
});
