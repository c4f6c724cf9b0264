import { assert, assertEquals } from "@std/assert";
import { parseExpression } from "../../../src/filter/expression/parser.ts";
import { ACTIONS, ActionTable } from "../../../src/packet/actions.ts";
import { expression } from "../../../mod.ts";
import { packet } from "../../../testing.ts";
import { mistakeOf } from "../../../src/web/page/search/check.ts";
import { completionsAt, type KnownValues } from "../../../src/web/page/search/completion.ts";
import {
  addressTerm,
  nameTerm,
  portTerm,
  protocolTerm,
  withTerm,
} from "../../../src/web/page/search/terms.ts";
import { setActions, withoutActions } from "../../../src/web/page/text/actions.ts";

const KNOWN: KnownValues = {
  prefix: ["drop wan ", "dns "],
  in: ["eth0", "lan 1"],
  out: [],
  capture: ["nflog:1"],
  host: ["192.0.2.1", "198.51.100.7"],
  port: ["443"],
  uid: ["0"],
};

/** Returns the texts that complete an expression; `|` stands for the caret. */
function completed(text: string, kind: "packet" | "flow" = "packet"): string[] {
  const caret = text.indexOf("|");
  return completionsAt(text.replace("|", ""), caret, kind, KNOWN).options.map(({ text }) => text);
}

Deno.test("Terms choose the value that they are made of, whatever is in it", () => {
  for (const prefix of ["drop ", 'a"b', "50% * ?", "\\", "and", "<b>", "ü"]) {
    const chooses = expression(nameTerm("prefix", prefix));
    assert(chooses(packet({ prefix })), prefix);
    assert(!chooses(packet({ prefix: "other" })), prefix);
  }
  assert(!expression(nameTerm("prefix", "a*"))(packet({ prefix: "ab" })));
  assertEquals(addressTerm("src", "2001:db8::1"), "src host 2001:db8::1");
  assertEquals(addressTerm("", "02:00:5e:10:00:01"), "ether host 02:00:5e:10:00:01");
  assertEquals(portTerm("dst", 443), "dst port 443");
  assertEquals(["TCP", "ICMPv6", "ARP", 99].map(protocolTerm), ["tcp", "icmp6", "arp", "proto 99"]);
});

Deno.test("withTerm() adds a term once, and replaces its contrary", () => {
  assertEquals(withTerm("", "tcp", false), "tcp");
  assertEquals(withTerm("tcp", "port 22", true), "tcp and not port 22");
  assertEquals(withTerm("tcp and not port 22", "port 22", false), "tcp and port 22");
  assertEquals(withTerm("tcp and port 22", "port 22", false), "tcp and port 22");
  assertEquals(withTerm('prefix "a and b"', "tcp", false), 'prefix "a and b" and tcp');
  assertEquals(withTerm("(tcp and udp)", "tcp", false), "(tcp and udp) and tcp");
  // Both have the same precedence: the term is about all before it.
  assertEquals(withTerm("tcp or udp", "port 22", false), "tcp or udp and port 22");
  const { kind } = parseExpression(withTerm("tcp or udp", "port 22", false));
  assertEquals(kind, "and");
});

Deno.test("completionsAt() offers words, values and what joins them", () => {
  assertEquals(completed("pre|"), ["prefix"]);
  assertEquals(completed("prefix d|"), ['"drop wan "', '"dns "']);
  assertEquals(completed('prefix "dr|'), ['"drop wan "']);
  assertEquals(completed("in |"), ["eth0", '"lan 1"']);
  assertEquals(completed("src |").slice(0, 5), ["host", "net", "port", "portrange", "192.0.2.1"]);
  assertEquals(completed("src host 198|"), ["198.51.100.7"]);
  assertEquals(completed("action |"), ["drop", "reject", "accept", "log"]);
  assertEquals(completed("tcp a|"), ["and"]);
  assertEquals(completed("tcp and not sct|"), ["sctp"]);
  assertEquals(completed("sna|", "flow"), ["snat"]);
  assertEquals(completed("sna|"), []);
  const { start, end } = completionsAt("tcp and por 22", 10, "packet", KNOWN);
  assertEquals([start, end], [8, 11]);
});

Deno.test("Each word that is offered is one of the language", () => {
  for (const begun of "abcdefghijklmnopqrstuvwxyz") {
    for (const { text } of completionsAt(begun, 1, "packet", KNOWN).options) {
      const tries = [text, `${text} 1`, `${text} 192.0.2.1`, `${text} 10.0.0.0/8`, `${text} 1-2`];
      const isWord = [...tries, `${text} drop`, `${text} input`, `${text} x`, `${text} tcp`]
        .some((written) => mistakeOf(written, "packet") === undefined);
      assert(isWord, text);
    }
  }
});

Deno.test("mistakeOf() points at the word that is wrong", () => {
  assertEquals(mistakeOf("  ", "packet"), undefined);
  assertEquals(mistakeOf("tcp port 22", "flow"), undefined);
  assertEquals(mistakeOf("tcp prot 22", "packet")?.place, { start: 4, end: 8 });
  assertEquals(mistakeOf("snat", "packet")?.place, { start: 0, end: 4 });
});

Deno.test("withoutActions() chooses by prefixes what actions choose, also where patterns overlap", () => {
  const patterns = { "D*": "drop", "DROP log*": "log", "*": "accept", "REJ?": "reject" } as const;
  setActions(Object.entries(patterns));
  const table = new ActionTable(patterns);
  const encoder = new TextEncoder();
  for (const prefix of ["D", "DROP x", "DROP log 1", "REJ1", "REJ12", "", "web"]) {
    const bytes = encoder.encode(prefix);
    const place = table.find({ bytes, prefixOffset: 0, prefixLength: bytes.length });
    for (const action of ACTIONS) {
      const chooses = expression(withoutActions(`tcp and action ${action}`));
      assertEquals(chooses(packet({ prefix })), ACTIONS[place] === action, `${action} ${prefix}`);
    }
  }
  assertEquals(withoutActions("prefix action"), "prefix action");
  assertEquals(withoutActions("action nonsense ("), "action nonsense (");
  setActions([]);
  assert(!expression(withoutActions("action drop"))(packet({ prefix: "drop" })));
});
