import { assertEquals, assertMatch } from "@std/assert";
import { parseExpression } from "../../../src/filter/expression/parser.ts";
import { sentenceOf } from "../../../src/filter/expression/sentence/sentence.ts";
import { ETHERNET, LINK, NETWORK } from "./expressions.ts";

const words = (text: string) => sentenceOf(parseExpression(text));

Deno.test("a sentence says how an expression is grouped, and what it asks for", () => {
  const cases: readonly (readonly [text: string, sentence: string])[] = [
    ["tcp dst port 22 or 80", "the TCP destination port is 22 or the TCP destination port is 80"],
    ["port 53", "the TCP/UDP/SCTP source or destination port is 53"],
    ["not portrange 1-1023", "neither TCP/UDP/SCTP source nor destination port is from 1 to 1023"],
    [
      "tcp or udp and ip6",
      "(it is TCP or it is UDP) and it is IPv6",
    ],
    ["not (tcp or udp)", "not (it is TCP or it is UDP)"],
    ["not not tcp", "it is TCP"],
    ["src net 10.0.0.0/8", "the source address is in 10.0.0.0/8"],
    ["not host 2001:db8::1", "neither source nor destination address is 2001:db8::1"],
    ["ip src and dst net 10", "both IPv4 source and destination address are in 10.0.0.0/8"],
    [
      "net 10.0.0.1 mask 255.0.0.255",
      "the source or destination address is in 10.0.0.1 with the mask 255.0.0.255",
    ],
    ['prefix "ssh in"', 'the prefix is "ssh in"'],
    ["not prefix drop*", 'the prefix does not match "drop*"'],
    ["in eth0 and hook input", 'the interface it came in by is "eth0" and the hook is input'],
    ["mark 1/0xff", "the mark & 0xff is 1"],
    ["uid >= 1000", "the user id is at least 1000"],
    ["not gid != 5", "the group id is 5"],
    ["tcp[tcpflags] & tcp-syn != 0", "(tcp[13] & 2) != 0"],
    ["less 60", "the length <= 60"],
    ["ether src 02:00:5e:10:00:01", "the link source address is 02:00:5e:10:00:01"],
    ["vlan 100", "it has a VLAN tag with the number 100"],
    ["mpls or not pppoes", "it has an MPLS label or it has no PPPoE session"],
    ["llc or not llc", "it has an LLC header or it has no LLC header"],
    ["ifindex 3", "the number of an interface it came in or leaves by is 3"],
    ["ip6 multicast", "it is a multicast of IPv6"],
    ["ip6 proto 44", "it is protocol 44 above IPv6"],
  ];
  for (const [text, sentence] of cases) {
    assertEquals(words(text).replace(/^.*? where /, ""), `${sentence}.`, text);
  }
});

Deno.test("a sentence says of which records an expression chooses", () => {
  const cases: readonly (readonly [text: string, sentence: string])[] = [
    ["tcp", "Packets and flows where it is TCP."],
    ["uid 0", "Packets where the user id is 0."],
    [
      "snat and reply dst port 53",
      "Flows where the source is translated and the reply TCP/UDP/SCTP destination port is 53.",
    ],
    [
      "state time_wait and not status assured",
      "Flows where the state is time_wait and the status is not assured.",
    ],
    [
      "original bytes > 5 and label 3 or not helper ftp",
      'Packets and flows where (the original number of bytes is greater than 5 and label 3 is set) or the helper is not "ftp".',
    ],
    ["prefix a or flow", 'Packets and flows where the prefix is "a" or it is a flow.'],
    ["flow", "All flows."],
    ["not flow", "All packets."],
    ["flow or packet", "All packets and flows."],
    ["flow and nat", "Flows where it is a flow and the source or destination is translated."],
    [
      "uid 0 and nat",
      "Nothing where the user id is 0 and the source or destination is translated.",
    ],
  ];
  for (const [text, sentence] of cases) assertEquals(words(text), sentence);
});

Deno.test("every expression has a sentence of one line", () => {
  for (const text of [...NETWORK, ...LINK, ...ETHERNET, 'prefix "a\x1b[2J\\\\b"']) {
    // deno-lint-ignore no-control-regex
    assertMatch(words(text), /^Packets (and flows )?where [^\x00-\x1f]+\.$/);
    assertEquals(/undefined|\[object|NaN/.test(words(text)), false, words(text));
  }
});
