import { assert, assertEquals, assertThrows } from "@std/assert";
import { ExpressionError } from "../../../src/filter/expression/error.ts";
import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { checkKinds } from "../../../src/filter/expression/kinds.ts";
import { parseExpression } from "../../../src/filter/expression/parser.ts";
import type { Arithmetic, Expression } from "../../../src/filter/expression/syntax.ts";
import { USEFUL_WORDS } from "../../../src/filter/expression/words.ts";
import { ETHERNET, LINK, NETWORK } from "./expressions.ts";
import { WRONG } from "./wrong.ts";

/** Returns the tree of an expression in one line, in prefix notation. */
function tree(text: string): string {
  return spelled(parseExpression(text));
}

function spelled(expression: Expression): string {
  switch (expression.kind) {
    case "and":
    case "or":
      return `(${[expression.kind, ...expression.operands.map(spelled)].join(" ")})`;
    case "not":
      return `(not ${spelled(expression.operand)})`;
    case "relation": {
      const { comparison, left, right } = expression;
      return `(${comparison} ${numbers(left)} ${numbers(right)})`;
    }
    default: {
      const { span: _, kind, ...values } = expression;
      return `${kind}${JSON.stringify(Object.values(values)).replaceAll('"', "")}`;
    }
  }
}

function numbers(arithmetic: Arithmetic): string {
  switch (arithmetic.kind) {
    case "constant":
      return String(arithmetic.value);
    case "length":
      return "len";
    case "load":
      return `${arithmetic.layer}[${numbers(arithmetic.index)}:${arithmetic.size}]`;
    case "negate":
      return `(- ${numbers(arithmetic.operand)})`;
    case "binary":
      return `(${arithmetic.operator} ${numbers(arithmetic.left)} ${numbers(arithmetic.right)})`;
  }
}

const TCP = "protocol[6]";
const UDP = "protocol[17]";

Deno.test("and and or bind from left to right, not binds to one primitive", () => {
  assertEquals(tree("tcp or udp and icmp6"), `(and (or ${TCP} ${UDP}) protocol[58,ip6])`);
  assertEquals(tree("tcp && udp || arp"), `(or (and ${TCP} ${UDP}) network[arp])`);
  assertEquals(tree("tcp or (udp and arp)"), `(or ${TCP} (and ${UDP} network[arp]))`);
  assertEquals(tree("not tcp or udp"), `(or (not ${TCP}) ${UDP})`);
  assertEquals(tree("!(tcp or udp)"), `(not (or ${TCP} ${UDP}))`);
  assertEquals(tree("tcp or udp or arp"), `(or ${TCP} ${UDP} network[arp])`);
});

Deno.test("names and numbers share the qualifiers before them", () => {
  const tcp = (port: number) => `port[[6],destination,${port},${port}]`;
  assertEquals(tree("tcp dst port 21 or 20 or 53"), `(or ${tcp(21)} ${tcp(20)} ${tcp(53)})`);
  assertEquals(tree("tcp dst port (21 or 20)"), `(or ${tcp(21)} ${tcp(20)})`);
  assertEquals(tree("tcp dst port not 21"), `(not ${tcp(21)})`);
  assertEquals(tree("tcp dst port 21 and not 20"), `(and ${tcp(21)} (not ${tcp(20)}))`);
  assertEquals(tree("tcp dst port 21 and (20)"), `(and ${tcp(21)} ${tcp(20)})`);
  assertEquals(
    tree("prefix a or b* or 'c d'"),
    "(or text[prefix,[a]] text[prefix,[b,0]] text[prefix,[c d]])",
  );
  assertEquals(tree("prefix a or 007"), "(or text[prefix,[a]] text[prefix,[007]])");
  assertEquals(tree("port 22 or (0x50)"), tree("port 22 or 80"));
  assertEquals(tree("in eth0 or wan*"), "(or text[in,[eth0]] text[in,[wan,0]])");
  assertEquals(tree("mark 1/3 or 2"), "(or mark[1,3] mark[2,4294967295])");
  assertEquals(tree("uid 0 or 1000"), "(or number[uid,=,0] number[uid,=,1000])");
  assertEquals(tree("hook input or forward"), "(or choice[hook,input] choice[hook,forward])");
  // Parentheses keep the qualifiers that stood before them.
  assertEquals(
    tree("port 1 and (src port 2) and 3"),
    "(and port[[6,17,132],either,1,1] port[[6,17,132],source,2,2] port[[6,17,132],either,3,3])",
  );
  assertThrows(() => parseExpression("port 1 or tcp or 2"), ExpressionError, "needs words before");
});

Deno.test("arithmetic has libpcap's precedence", () => {
  assertEquals(tree("1 + 2 * 3 = 7"), "(= (+ 1 (* 2 3)) 7)");
  assertEquals(tree("1 | 2 & 3 << 4 = 7"), "(= (| 1 (& 2 (<< 3 4))) 7)");
  assertEquals(tree("9 - 2 - 1 = 6"), "(= (- (- 9 2) 1) 6)");
  // These two take all that follows.
  assertEquals(tree("10 % 4 + 1 = 0"), "(= (% 10 (+ 4 1)) 0)");
  assertEquals(tree("1 + 6 ^ 3 & 1 = 0"), "(= (+ 1 (^ 6 (& 3 1))) 0)");
  assertEquals(tree("-len * 2 > 0"), "(> (* (- len) 2) 0)");
  assertEquals(
    tree("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn"),
    "(= (& tcp[13:1] (| 2 16)) 2)",
  );
  assertEquals(
    tree("((ip[2:2]) - ((ip[0]&0xf)<<2)) != 0x10"),
    "(!= (- ip[2:2] (<< (& ip[0:1] 15) 2)) 16)",
  );
  assertEquals(tree("less 010"), "(<= len 8)");
});

Deno.test("addresses and networks are numbers and masks", () => {
  assertEquals(tree("host 10.1"), "address[either,[167837696],[4294901760]]");
  assertEquals(tree("net 10"), "address[either,[167772160],[4278190080]]");
  assertEquals(tree("src host 10"), "address[source,[10],[4294967295]]");
  assertEquals(
    tree("ip6 dst net fe80::/10"),
    "address[ip6,destination,[4269801472,0,0,0],[4290772992,0,0,0]]",
  );
  assertEquals(tree("src or dst net 10.0.0.0 mask 255.0.0.0"), tree("net 10.0.0.0/8"));
  assertEquals(tree("ether src 0:1:2:a:B:ff"), "mac[source,[0,1,2,10,11,255]]");
  assertEquals(tree("ether dst 0001.020a.0bff"), "mac[destination,[0,1,2,10,11,255]]");
});

Deno.test("ports have names, and protocols in a name's place need no backslash", () => {
  assertEquals(tree("port ssh"), "port[[6],either,22,22]");
  assertEquals(tree("udp port domain"), "port[[17],either,53,53]");
  assertEquals(tree("portrange http-ssh"), "port[[6],either,22,80]");
  assertEquals(tree("proto tcp"), tree("proto \\tcp"));
  assertEquals(tree("ip proto icmp or udp"), "(or protocol[ip,1] protocol[17])");
});

Deno.test("every expression of tcpdump's language is about packets", () => {
  for (const text of [...NETWORK, ...LINK, ...ETHERNET]) {
    // A sandbox receives the tree as JSON.
    const parsed = packetExpression(text);
    assertEquals(JSON.parse(JSON.stringify(parsed)), parsed, text);
  }
});

Deno.test("wrong expressions are refused with a line that points at the word", () => {
  assert(WRONG.length >= 200);
  for (const marked of WRONG) {
    const text = marked.replaceAll(/[«»]/g, "");
    const error = assertThrows(() => packetExpression(text), ExpressionError, undefined, marked);
    const from = marked.indexOf("«");
    assertEquals([error.offset, error.length], [from, marked.indexOf("»") - from - 1], marked);
    assert(!error.message.includes("\n"), error.message);
    const [line, caret] = error.excerpt.split("\n");
    assertEquals(line, text);
    assertEquals(caret, " ".repeat(error.offset) + "^".repeat(Math.max(1, error.length)));
  }
});

Deno.test("NUL is refused wherever it stands", () => {
  for (const text of ['prefix "a\0"', "\0", "in eth\0", "tcp\0udp", 'prefix "\0*"']) {
    const error = assertThrows(() => packetExpression(text), ExpressionError, "cannot stand here");
    assertEquals([error.offset, error.length], [text.indexOf("\0"), 1]);
  }
});

Deno.test("near misses are suggested", () => {
  const hint = (text: string) =>
    assertThrows(() => packetExpression(text), ExpressionError).message.match(/did you mean "(.*)"/)
      ?.[1];
  assertEquals(hint("tcp and prot 22"), "port");
  assertEquals(hint("tcp port htp"), "http");
  assertEquals(hint("hook inputt"), "input");
  assertEquals(hint("action drp"), "drop");
  assertEquals(hint("TCP"), "tcp");
  assertEquals(hint("ip proto tpc"), "tcp");
  assertEquals(hint("src prt 22"), "port");
  assertEquals(hint("tcp adn udp"), "and");
  assertEquals(hint("tcp prot 22"), "port");
  assertEquals(hint("qqqqqqqqq"), undefined);
});

Deno.test("a suffix of a number is named as such", () => {
  const reason = (text: string) =>
    assertThrows(() => parseExpression(text), ExpressionError).reason;
  const suffix = '"bytes" needs a whole number; numbers have no suffix, as in 1000000';
  for (const text of ["bytes > 1M", "bytes > 1.5k", "original bytes 2kB"]) {
    assertEquals(reason(text), suffix);
  }
  assertEquals(reason("packets > 0x1ffffffff"), '"0x1ffffffff" is above 4294967295');
  assertEquals(reason("bytes > many"), '"bytes" needs a number; names are never looked up');
});

Deno.test("an excerpt of a long expression shows the place alone, and nothing acts on a terminal", () => {
  const long = `${"tcp or ".repeat(100)}\u0007foo${" or tcp".repeat(100)}`;
  const { excerpt, message } = assertThrows(() => packetExpression(long), ExpressionError);
  const [line, caret] = excerpt.split("\n") as [string, string];
  assert(line.length < 140 && line.startsWith("…") && line.endsWith("…"));
  assertEquals(line.slice(caret.indexOf("^"), caret.length), "?");
  assert(!message.includes("\u0007"), message);
  const lines = assertThrows(() => packetExpression("tcp\n\tprot 22"), ExpressionError);
  assertEquals(lines.excerpt, "tcp  prot 22\n     ^^^^");
});

Deno.test("each word is about a kind of record that there is", () => {
  const flows = [
    "state established",
    "packets > 10 and bytes >= 1000000",
    "nat or snat or dnat",
    "zone 3 or reply zone 4",
    "event new or destroy",
    "status assured and not status offload",
    "state ESTABLISHED or time_wait",
    "helper ftp and label 127",
    "duration >= 60 or bytes > 9007199254740991",
    "flow and family ip6",
    "original src host 10.0.0.1 or reply dst net 192.0.2.0/24",
    "reply packets = 0",
    "tcp dst port 22 and mark 1 and host 10.0.0.1 and capture edge",
  ];
  for (const text of flows) checkKinds(text, parseExpression(text), ["flow"]);
  for (
    const text of ["prefix a", "in eth0", "hook input", "tcp[13] = 2", "len > 5", "arp", "uid 0"]
  ) {
    assertThrows(() => checkKinds(text, parseExpression(text), ["flow"]), ExpressionError, "flow");
    checkKinds(text, parseExpression(text), ["flow", "packet"]);
  }
  const neither = "original arp host 10.0.0.1";
  assertThrows(
    () => checkKinds(neither, parseExpression(neither), ["flow", "packet"]),
    ExpressionError,
    "neither packets nor flows",
  );
});

Deno.test("depth, length and number of words are bounded", () => {
  const deep = (n: number) => "(".repeat(n) + "tcp" + ")".repeat(n);
  assertEquals(tree(deep(99)), TCP);
  const refusals = [
    deep(101),
    deep(30_000),
    `${"not ".repeat(16_000)}tcp`,
    `${"!".repeat(60_000)}tcp`,
    `${"-".repeat(60_000)}1 = 1`,
    `${"tcp[".repeat(10_000)}`,
    `${"1 % ".repeat(10_000)}1 = 1`,
    `${"tcp or ".repeat(9_000)}tcp`,
    `${"1+".repeat(20_000)}1=1`,
    "(".repeat(60_000),
    "tcp or ".repeat(10_000),
  ];
  for (const text of refusals) {
    assertThrows(() => parseExpression(text), ExpressionError, undefined, text.slice(0, 20));
  }
  assertEquals(tree(`${"1+".repeat(1_000)}1=1`).length > 1000, true);
});

Deno.test("words for completion all mean something", () => {
  for (const word of ["port", "prefix", "in", "tcp-syn", "icmp6", "mark", "snat", "original"]) {
    assert(USEFUL_WORDS.includes(word));
  }
  assert(!USEFUL_WORDS.includes("gateway"));
});
