import { assert, assertEquals } from "@std/assert";
import { printRules } from "../../src/import/print_rules.ts";
import { translate } from "../../src/import/translate.ts";

const MEGABYTE = 1_000_000;
const RULE = "iptables -A INPUT -j LOG\n";

/** As many of a text as fit into a megabyte. */
function fill(text: string, length = MEGABYTE): string {
  return text.repeat(Math.floor(length / text.length));
}

/** Variables each of which is several times the one before. */
function nested(times: number): string {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `A${index + 1}="${`$A${index} `.repeat(times)}"`,
  );
  return `A0="-m comment"\n${lines.join("\n")}\niptables -A INPUT $A60 -j LOG\n`;
}

/** Returns nested definitions in nft's language. */
function nestedDefines(): string {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `define A${index + 1} = { $A${index}, $A${index}, $A${index} }`,
  );
  return `#!/usr/sbin/nft\ndefine A0 = 1\n${lines.join("\n")}\nadd rule ip f c ip saddr $A60 log\n`;
}

/** Functions each of which calls the one before ten times. */
function nestedCalls(): string {
  const functions = Array.from(
    { length: 7 },
    (_, index) => `f${index + 1}() {\n${`f${index} "$1"\n`.repeat(10)}}\n`,
  );
  return `f0() { iptables -A "$1" -j LOG; }\n${functions.join("")}f7 INPUT\n`;
}

/** Texts that grow, nest or repeat, and part of what is said of them; empty where all is translated. */
const TEXTS: readonly [what: string, text: string, message: string][] = [
  ["variables of twice the one before", nested(2), ""],
  ["variables of five times the one before", nested(5), ""],
  ["defines of nft of three times the one before", nestedDefines(), "this text is too long"],
  [
    "a chain of variables",
    `${
      Array.from({ length: 30_000 }, (_, index) => `A${index + 1}=$A${index}`).join("\n")
    }\niptables -A INPUT -j $A30000\n`,
    "nothing here says what $A30000 is",
  ],
  [
    "a long value used often",
    `X=${fill("a", 60_000)}\n${fill('iptables -A I -m comment --comment "$X" -j LOG\n')}`,
    "too many steps",
  ],
  [
    "a long value used often in nft",
    `#!/usr/sbin/nft\ndefine X = "${fill("x", 60_000)}"\n${
      fill('add rule ip f c log prefix "$X"\n')
    }`,
    "this text is too long",
  ],
  [
    "a value of many times another one",
    `X=${fill("a", 60_000)}\niptables -A I -s "${fill("$X")}" -j LOG`,
    "longer than 65536 characters",
  ],
  [
    "brackets without an end",
    `${fill("$(", 400_000)}\n${RULE}`,
    "is not closed, as many before it",
  ],
  ["braces without an end", `${fill("${", 400_000)}\n${RULE}`, "is not closed, as many before it"],
  ["process substitutions without an end", fill("<("), "is not closed, as many before it"],
  ["backticks behind backslashes", `\`${fill("\\`")}`, ""],
  ["a prefix of 300 kB", `iptables -A I -j LOG --log-prefix "${fill("é", 300_000)}"\n`, ""],
  ["a prefix of 300 kB in nft", `add rule ip f c log prefix "${fill("é", 300_000)}"\n`, ""],
  ["20,000 here-documents", `cat <<E\n${RULE}E\n`.repeat(20_000), ""],
  ["here-documents of one command", `cat${" <<E".repeat(50_000)}\n${"E\n".repeat(50_000)}`, ""],
  [
    "here-documents of one pipeline",
    `${"cat <<E | ".repeat(20_000)}cat\n${"E\n".repeat(20_000)}`,
    "",
  ],
  ["here-documents with brackets", fill(`cat <<E\n${"$(".repeat(2000)}\nE\n`), ""],
  ["100,000 dots", `IPT=${fill(".", 100_000)}\n$IPT -A INPUT -j LOG\n`, "does not know .."],
  ["a megabyte of slashes", `IPT=${fill("/")}iptables\n$IPT -A INPUT -j LOG\n`, ""],
  ["30,000 nested tables", "table x {\n".repeat(30_000), "blocks stand deeper than 16"],
  ["nested sets", `table ip f { chain c { a ${fill("{")}`, ""],
  ["a statement with many sets", `table ip f { chain c { ${fill("a {} ")} log } }`, ""],
  ["nested functions", fill("f() { "), ""],
  ["nested arrays", fill("A=("), ""],
  ["nested blocks", fill("{ "), ""],
  ["nested calls", nestedCalls(), "too many steps"],
  ["a function that calls itself", 'f() { f "$1"; }\nf x\n', "deeper than 8"],
  ["scripts in scripts", fill("eval "), "too many steps"],
  ["a variable that grows", fill("A+=' b'\n"), ""],
  [
    "an array that grows",
    `${fill("A+=(b)\n")}iptables "\${A[@]}" -j LOG\n`,
    "nothing here says what",
  ],
  [
    "a variable that may have many values",
    fill("if x; then A=$B; fi\niptables -A I -s $A -j LOG\n"),
    "",
  ],
  ["a rule of many words", `iptables -A I ${fill("-s 1 ")}-j LOG\n`, "more than 1000 words"],
  ["a saved rule of many words", `*filter\n-A I ${fill("a ")}-j LOG\n`, "more than 1000 words"],
  [
    "saved rules with backslashes",
    `*filter\n-A I -m comment --comment ${fill('\\"')} -j LOG\n`,
    "more than 1000 words",
  ],
  ["saved tables", fill("*filter\n-A INPUT -j LOG\n"), ""],
  ["words of firewalld", `${fill("-rich-rule log ")}nflog`, "more than 1000 words"],
  ["words of ufw", fill("ufw "), ""],
];

for (const [what, text, message] of TEXTS) {
  Deno.test(`translate() reads ${what} in time`, () => {
    assert(text.length <= 1.2 * MEGABYTE, `${text.length}`);
    const started = performance.now();
    const translated = translate(text);
    printRules(translated);
    // Two seconds of work; other tests may run beside.
    assert(performance.now() - started < 20_000, `${performance.now() - started}`);
    const { problems } = translated;
    if (message === "") assertEquals(problems.slice(0, 2), []);
    else {assert(
        problems.some((problem) => problem.message.includes(message)),
        problems[0]?.message,
      );}
  });
}

Deno.test("translate() names each rule behind the place where it stops", () => {
  const scripts = [
    `${nestedCalls()}iptables -A INPUT -j LOG\n# -j LOG\nnft add rule ip f c log\n`,
    `${fill("$(", 400_000)}\niptables -A INPUT -j LOG\n# -j LOG\nnft add rule ip f c log\n`,
    `${"table x {".repeat(20)}\nlog\n# log\nlog\n`,
  ];
  for (const script of scripts) {
    const last = script.split("\n").length - 1;
    const lines = translate(script).problems.map(({ line }) => line);
    assert(
      lines.includes(last) && lines.includes(last - 2) && !lines.includes(last - 1),
      `${lines}`,
    );
  }
});
