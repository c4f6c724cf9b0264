import { assert } from "@std/assert";
import { printRules } from "../../src/import/print_rules.ts";
import { translate } from "../../src/import/translate.ts";

/** Numbers that are the same in every run. */
class Random {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(most: number): number {
    this.#seed = (this.#seed * 48271) % 0x7fff_ffff;
    return this.#seed % most;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** A rule that logs, in one of the languages, with a prefix of its own. */
type Rule = (prefix: string) => string;

const IPTABLES: readonly Rule[] = [
  (p) => `iptables -A INPUT -j LOG --log-prefix ${p}`,
  (p) => `ip6tables -I OUTPUT -s fe80::/10 -j NFLOG --nflog-prefix "${p}"`,
  (p) => `sudo /sbin/iptables -A INPUT -p tcp --dport 22 -jLOG --log-prefix '${p}'`,
  (p) => `$IPT -A INPUT -s $LAN -j ULOG --ulog-prefix ${p}`,
  (p) => `iptables -A INPUT -s "$(hostname -i)" -j LOG --log-prefix ${p}`,
  (p) => `iptables -A "$1" -j LOG --log-prefix ${p}`,
  (p) => `iptables -A INPUT $OPTS -j LOG --log-prefix ${p}`,
  (p) => `iptables -A INPUT -j LOG --log-prefix ${p} >/dev/null 2>&1 || exit 1`,
  (p) => `ebtables -A FORWARD -p IPv4 --log --log-prefix ${p} -j DROP`,
  (p) => `iptables -A INPUT \\\n  -m limit --limit 3/min \\\n  -j LOG --log-prefix ${p}`,
  (p) => `ip netns exec blue iptables -A INPUT -j LOG --log-prefix ${p}`,
  (p) => `xargs iptables -A INPUT -j LOG --log-prefix ${p} -s < hosts`,
  (p) => `firewall-cmd --direct --add-rule ipv4 filter INPUT 0 -j LOG --log-prefix ${p}`,
  (p) => `fw -A INPUT -j LOG --log-prefix ${p}`,
  (p) => `iptables -A INPUT -j $(echo LOG) -m comment --comment ${p}`,
  (p) => `iptables -A INPUT -m comment --comment ${p} -j \${TARGET:-LOG}`,
  (p) => `iptables-legacy --append INPUT --jump LOG --log-prefix=${p}; # a comment`,
  (p) => `if ! iptables -C INPUT -j LOG --log-prefix ${p}; then :; fi`,
  (p) => `"$DIR/iptables" -A INPUT -m comment --comment "it's $x" -j LOG --log-prefix ${p} &`,
  (p) => `$CMD -A INPUT -j LOG --log-prefix ${p}`,
  (p) => `iptables -A INPUT -p tcp -m comment --comment ${p} $J`,
  (p) => `iptables -A INPUT -m comment --comment ${p} -j"$T"`,
  (p) => `find /etc/hosts.d -exec iptables -A INPUT -j LOG --log-prefix ${p} -s {} \\;`,
  (p) => `nft insert rule ip filter input $MATCH log prefix ${p}`,
  (p) => `nft add rule ip filter input comment ${p} $STATEMENT`,
  (p) => `nft add rule ip filter input log prefix ${p}`,
  (p) => `nft 'add rule ip filter input tcp dport { 22, 80 } log prefix "${p}" drop'`,
  (p) => `$NFT "add rule ip filter input ip saddr $LAN log prefix \\"${p}\\""`,
];

const NFT: readonly Rule[] = [
  (p) => `add rule ip filter input log prefix "${p}"`,
  (p) => `insert rule ip filter input ip saddr { 192.0.2.1,\n 192.0.2.2 } log prefix "${p}" drop`,
  (p) =>
    `table inet t {\n  chain c {\n    type filter hook input priority 0;\n    log prefix "${p}"\n  }\n}`,
  (p) => `table ip t { chain c { tcp dport 22 log flags all prefix "${p}"; drop; } }`,
];

const SAVED: readonly Rule[] = [
  (p) => `*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j LOG --log-prefix "${p}"\nCOMMIT`,
  (p) =>
    `*mangle\n[1:2] -A OUTPUT -m comment --comment "it's" -j NFLOG --nflog-prefix ${p}\nCOMMIT`,
];

function inQuotes(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns a command of a script that may make a rule. */
function statement(random: Random, prefix: string, number: number): string {
  const rule = random.of(IPTABLES)(prefix);
  const nft = random.of(NFT)(prefix);
  const saved = random.of(SAVED)(prefix);
  const name = `V${number}`;
  const file = `/tmp/rules.${number}`;
  return random.of([
    () => rule,
    () => rule,
    () => `if [ -n "$X" ]; then\n  ${rule}\nelse\n  iptables -F\nfi`,
    () => `for x in 1 2; do ${rule}; done`,
    () => `while read x; do\n${rule}\ndone < /etc/hosts`,
    () => `case $1 in\n  start) ${rule} ;;\n  *) : ;;\nesac`,
    () => `f${number}() {\n  ${rule}\n}\nf${number} INPUT a b`,
    () => `f${number}() { ${rule}; }`,
    () => `f${number}() {\n  shift\n  ${rule}\n}\nf${number} x INPUT`,
    () =>
      `w${number}() { /sbin/iptables -w "$@"; }\nw${number} -A INPUT -j LOG --log-prefix ${prefix}`,
    () => `w${number}() { iptables "$@" -j LOG --log-prefix ${prefix}; }\nw${number} -A INPUT`,
    () => `(${rule})\n{ ${rule}; }`,
    () => `eval ${inQuotes(rule)}`,
    () => `sh -c ${inQuotes(rule)}`,
    () => `ssh fw ${inQuotes(rule)}`,
    () => `sh <<E\n${rule}\nE`,
    () => `cat > ${file} <<'E'\n${rule}\nE\n. ${file}`,
    () => `echo ${inQuotes(rule)} | sh`,
    () => `echo ${inQuotes(nft)} | nft -f -`,
    () => `printf '%s\\n' ${inQuotes(nft)} | sudo nft -f /dev/stdin`,
    () => `nft -f - <<E\n${nft}\nE`,
    () => `nft -f - <<< ${inQuotes(nft)}`,
    () => `cat <<'E' | nft -f -\n${nft}\nE`,
    () => `cat <<'E' | sed s/a/b/ | nft -f -\n${nft}\nE`,
    () => `nft ${inQuotes(nft)}`,
    () => `${name}=${inQuotes(nft)}\nnft "$${name}"`,
    () => `iptables-restore -n <<E\n${saved}\nE`,
    () => `cat > ${file} <<E\n${saved}\nE\nip6tables-restore < ${file}`,
    () => `printf '%s\\n' ${inQuotes(saved)} | iptables-restore`,
    () => `echo ${inQuotes(saved)} > ${file}\niptables-restore ${file}`,
    () => `${name}="-j LOG --log-prefix ${prefix}"\niptables -A INPUT $${name}`,
    () => `${name}="-j LOG --log-prefix ${prefix}"`,
    () => `if x; then ${name}="-j LOG --log-prefix ${prefix}"; fi\niptables -A INPUT $${name}`,
    () => `${name}=(-A INPUT -j LOG --log-prefix ${prefix})\niptables "\${${name}[@]}"`,
    () => `${name}="${rule.replaceAll(/["\\$]/g, "\\$&")}"\neval "$${name}"`,
    () => `${name}=$(${rule})`,
    () => `alias a${number}='iptables -w'\na${number} -A INPUT -j LOG --log-prefix ${prefix}`,
    () => `j=-j; iptables -A INPUT $j LOG --log-prefix ${prefix}`,
    () => `g${number}() { ${rule}; }\nh${number}() { g${number} "$@"; }\nh${number} INPUT`,
    () =>
      `g${number}() {\n  local rule="-j LOG --log-prefix $1"\n  iptables -A INPUT $rule\n}\ng${number} ${prefix}`,
    () => `g${number}() { echo "$1" | nft -f -; }\ng${number} ${inQuotes(nft)}`,
    () => `g${number}() {\n  nft -f - <<E\n$1\nE\n}\ng${number} ${inQuotes(nft)}`,
    () => `trap ${inQuotes(rule)} EXIT`,
    () => `nohup bash -ec ${inQuotes(rule)} &`,
    () => `bash -c "$(cat <<'E'\n${rule}\nE\n)"`,
    () => `at now <<'E'\n${rule}\nE`,
    () => `tee ${file} <<'E' >/dev/null\n${saved}\nE\niptables-restore ${file}`,
    () => `cat <<-E >> ${file}\n\t${rule.replaceAll("\n", "\n\t")}\n\tE`,
    () => `while read r; do iptables $r; done <<E\n-A INPUT -j LOG --log-prefix ${prefix}\nE`,
    () => `for r in "-j LOG --log-prefix ${prefix}" "-j DROP"; do iptables -A INPUT $r; done`,
    () => `export ${name}="-j LOG --log-prefix ${prefix}"; sh -c 'iptables -A INPUT $${name}'`,
    () => `${name}="LOG --log-prefix ${prefix}"\niptables -A INPUT -j $${name} || exit`,
    () => `${name}=${prefix}\niptables -A INPUT -j LOG --log-prefix "$${name} "`,
    () => `nft -f - <<'E'\ndefine ${name} = "${prefix}"\nadd rule ip f c log prefix "$${name} "\nE`,
    () => `${name}="$(cat <<'E'\n${nft}\nE\n)"\necho "$${name}" | nft -f -`,
    () => `{ echo ${inQuotes(nft.replaceAll("\n", " "))}; } | nft -f -`,
  ])();
}

/** Returns whether the prefix is printed, or one of its lines is named. */
function isTold(script: string, first: number, last: number, prefix: string): boolean {
  const translated = translate(script);
  if (
    printRules(translated).split("\n").some((line) =>
      !line.startsWith("#") && line.includes(prefix)
    )
  ) {
    return true;
  }
  return translated.problems.some(({ line }) => line >= first && line <= last);
}

Deno.test("translate() prints each rule of a script, or names it", () => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const random = new Random(seed * 7919);
    const parts = [`#!/bin/sh\nIPT=/sbin/iptables\nNFT=nft\n`];
    const spans: { prefix: string; first: number; last: number }[] = [];
    for (let number = 0; number < 6; number++) {
      const before = parts.join("").split("\n").length;
      const prefix = `p${seed}x${number}z`;
      parts.push(`${statement(random, prefix, number)}\n`);
      spans.push({ prefix, first: before, last: parts.join("").split("\n").length - 1 });
    }
    const script = parts.join("");
    for (const { prefix, first, last } of spans) {
      assert(
        isTold(script, first, last, prefix),
        `${prefix}, lines ${first} to ${last} of\n${script}`,
      );
    }
  }
});

const ROUNDS = 300;
