import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../../src/filter/expression/predicate/compile.ts";
import { parseExpression } from "../../../src/filter/expression/parser.ts";
import { compileFlowPredicate } from "../../../src/filter/expression/predicate/flow.ts";
import { rawFlow } from "../../flow/sample.ts";
import { onePacket, PACKETS } from "../sample.ts";

const raw = onePacket();

/** Expressions, from the least work on. */
const EXPRESSIONS: readonly string[] = [
  "tcp port 22",
  "tcp port 443",
  "port 22 or 80 or 443",
  "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
  "prefix bench",
  "in eth0",
  "tcp port 443 and src net 192.0.2.0/24",
  "tcp port 22 and src net 10.0.0.0/8 or icmp6",
];

for (const text of EXPRESSIONS) {
  const chooses = compilePredicate(packetExpression(text));
  let chosen = 0;
  Deno.bench(`${text}: ${PACKETS} packets`, () => {
    for (let n = 0; n < PACKETS; n++) if (chooses(raw)) chosen++;
  });
}

/** Expressions about a flow. */
const ABOUT_FLOWS: readonly string[] = [
  "udp and dst port 9",
  "event destroy and snat",
  "src net 10.0.0.0/8 or reply dst host 198.51.100.7",
  "state established and bytes > 1000000",
];
const flow = rawFlow("tcpDestroy");

for (const text of ABOUT_FLOWS) {
  const chooses = compileFlowPredicate(parseExpression(text));
  let chosen = 0;
  Deno.bench(`${text}: ${PACKETS} flows`, () => {
    for (let n = 0; n < PACKETS; n++) if (chooses(flow)) chosen++;
  });
}
