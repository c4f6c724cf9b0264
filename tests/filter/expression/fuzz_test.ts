import { assert } from "@std/assert";
import { ExpressionError } from "../../../src/filter/expression/error.ts";
import { expressionAbout } from "../../../src/filter/expression/expression.ts";
import { RECORD_NAMES } from "../../../src/filter/expression/kinds.ts";
import { compilePredicate } from "../../../src/filter/expression/predicate/compile.ts";
import { compileFlowPredicate } from "../../../src/filter/expression/predicate/flow.ts";
import type { Expression } from "../../../src/filter/expression/syntax.ts";
import { KEYWORDS } from "../../../src/filter/expression/words.ts";
import { INSTRUCTIONS_MAX } from "../../../src/bytes/bpf.ts";
import { kernelFilter } from "../../../src/source/conntrack/kernel_filter.ts";
import { Random } from "../../fuzz/random.ts";
import { rawPackets } from "../../packet/random_packets.ts";
import { ETHERNET, LINK, NETWORK } from "./expressions.ts";
import { ABOUT_FLOWS, storedFlows } from "./stored_flows.ts";
import { WRONG } from "./wrong.ts";

const WORDS = [
  ...KEYWORDS,
  ..."( ) [ ] ! & | && || = == != < <= > >= << >> + - * / % ^ : , ; # $ \\ \" ' \u202e \0 é".split(
    " ",
  ),
  ..."22 0 0x1f 65536 4294967295 4294967296 08 1.2.3.4 10 10.0.0.0/8 ::1 fe80::/10 a b* eth0".split(
    " ",
  ),
  ..."00:11:22:33:44:55 0:1:2 ssh 22-80 \"a b\" 'c' :: ::: 1:2 . .. - _".split(" "),
];
/** Expressions of the documents, to change. */
const VALID = [
  ...NETWORK,
  ...LINK,
  ...ETHERNET,
  ...ABOUT_FLOWS,
  ...WRONG.map((text) => text.replaceAll(/[«»]/g, "")),
];

/** Returns a text of random words, or of an expression with random changes. */
function randomText(random: Random): string {
  const join = random.pick(["", " ", " ", "\n"]);
  if (random.below(2) === 0) {
    return Array.from({ length: random.below(12) }, () => random.pick(WORDS)).join(join);
  }
  const characters = [...random.pick(VALID)];
  for (let n = random.below(3); n > 0; n--) {
    const at = random.below(characters.length + 1);
    const put = random.below(2) === 0
      ? random.pick(WORDS)
      : String.fromCharCode(random.below(0x250));
    characters.splice(at, random.below(3), put);
  }
  return characters.join("");
}

Deno.test("random text is an expression or an ExpressionError, and every predicate and program of it is right", () => {
  const random = new Random(20260731);
  const packets = [...rawPackets(60, 4)].map((raw) => raw.copy());
  const flows = storedFlows(4, 20).map(({ raw }) => raw);
  let accepted = 0;
  for (let n = 0; n < 10_000; n++) {
    const text = randomText(random);
    let expression: Expression;
    try {
      expression = expressionAbout(text, RECORD_NAMES);
    } catch (error) {
      assert(error instanceof ExpressionError, `${JSON.stringify(text)}: ${error}`);
      assert(error.excerpt.split("\n").length === 2, JSON.stringify(text));
      continue;
    }
    accepted++;
    const choosesPacket = compilePredicate(expression);
    for (const raw of packets) assert(typeof choosesPacket(raw) === "boolean", text);
    const choosesFlow = compileFlowPredicate(expression);
    for (const raw of flows) assert(typeof choosesFlow(raw) === "boolean", text);
    const program = kernelFilter(expression, random.below(2) === 0);
    assert((program?.length ?? 0) / 8 <= INSTRUCTIONS_MAX, text);
  }
  assert(accepted > 1000, `only ${accepted} of the texts are expressions`);
});
