import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../../src/filter/expression/predicate/compile.ts";
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
