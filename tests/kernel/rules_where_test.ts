import { assertEquals, assertGreater } from "@std/assert";
import { capture, expression, type Packet } from "nfscribe";
import { translate } from "../../src/import/translate.ts";
import { HAS_NFT } from "./firewall.ts";
import { shell, takeAllOf, traffic } from "./rules_traffic.ts";

/** Group of all packets; those of the rules follow. */
const ALL = 960;
/** Rules, whose expressions choose packets of `traffic()`, and others. */
const RULES: readonly string[] = [
  "iptables -A OUTPUT -d 127.0.0.1 -p udp --dport 9:10",
  "iptables -A OUTPUT ! -d 10.0.0.0/8 -p udp -m multiport --dports 9,11:12",
  "iptables -A OUTPUT -s 127.0.0.1,10.0.0.1 -p 17 --sport 1024:",
  "iptables -A OUTPUT -p tcp --syn",
  "iptables -A OUTPUT -p tcp --tcp-flags ALL RST,ACK",
  "iptables -A OUTPUT -p tcp ! --dport 9",
  "iptables -A OUTPUT ! -p udp ! -o eth+",
  "iptables -A OUTPUT -p icmp --icmp-type port-unreachable",
  "iptables -A OUTPUT -p icmp ! --icmp-type echo-request -o l+",
  "iptables -A OUTPUT -m owner --uid-owner 0-4294967294",
  "iptables -A OUTPUT -p udp -m owner ! --uid-owner 4711",
  "iptables -A OUTPUT -m mark --mark 0/0xff -p tcp",
];

Deno.test({
  name: `the expression of a rule chooses the packets that the rule logs${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  fn: async () => {
    await using _ = { [Symbol.asyncDispose]: async () => void await shell("nft flush ruleset") };
    const rules = RULES.map((text, n) => {
      const { rules: [rule] } = translate(`${text} -j LOG`, ALL + 1 + n);
      return rule!;
    });
    await shell(...rules[0]!.chain, `nft add rule ip filter OUTPUT log group ${ALL}`);
    await shell(...rules.map(({ nft }) => nft!));
    const captures = await Promise.all(
      [ALL, ...rules.map((_, n) => ALL + 1 + n)].map((group) => capture({ group })),
    );
    await traffic();
    const [all, ...logged] = await Promise.all(captures.map((one) => takeAllOf(one, 600)));
    assertGreater(all!.length, 8);
    const bytesOf = (packets: readonly Packet[]) =>
      packets.map(({ payload }) => payload!.toHex()).sort();
    for (const [n, { where }] of rules.entries()) {
      const chosen = bytesOf(all!.filter(expression(where!)));
      assertEquals(chosen, bytesOf(logged[n]!), where!);
      assertGreater(chosen.length, 0, where!);
    }
  },
});
