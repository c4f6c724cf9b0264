/** Examination of accounting sources. */

import { messageOf } from "../../errors.ts";
import { type Finding, fix, note, ok } from "../../finding.ts";
import type { SourceExaminer } from "../define.ts";
import type { AccountingOptions } from "./options.ts";
import { type KindAnswer, objectsIn } from "./probe_reader.ts";
import type { ObjectKind } from "./request.ts";

/** Words for objects of each kind. */
const WORDS: Readonly<Record<ObjectKind, string>> = {
  nfacct: "objects of nfacct",
  nft: "named counters of nftables",
};

/** Commands that make an object of each kind, and a rule that counts with it. */
const COMMANDS: Readonly<Record<ObjectKind, readonly string[]>> = {
  nfacct: [
    "nfacct add web",
    "iptables -A INPUT -p tcp --dport 443 -m nfacct --nfacct-name web",
  ],
  nft: [
    "nft add table inet counted",
    "nft add counter inet counted web",
    "nft add chain inet counted input '{ type filter hook input priority 0; }'",
    "nft add rule inet counted input tcp dport 443 counter name web",
  ],
};

/** Examines whether objects can be read, and whether there are any. */
export const accountingExaminer: SourceExaminer<AccountingOptions> = {
  *source(options, { name }) {
    let answers: KindAnswer[];
    try {
      answers = objectsIn(options);
    } catch (error) {
      yield problemFinding(name, messageOf(error));
      return;
    }
    const problem = answers.find(({ problem }) => problem !== undefined)?.problem;
    if (problem !== undefined) yield problemFinding(name, problem);
    else yield objectsFinding(name, answers);
  },
};

function problemFinding(name: string, problem: string): Finding {
  const [what, ...advice] = problem.split("; ");
  return fix(`counters ${name}`, what!, advice.join("; ") || "see docs/troubleshooting.md");
}

function objectsFinding(name: string, answers: readonly KindAnswer[]): Finding {
  const check = `counters ${name}`;
  const texts = answers.map(({ kind, chosen, all }) =>
    `${chosen}${chosen === all ? "" : ` of ${all}`} ${WORDS[kind]}`
  );
  const there = `can be read: ${texts.join(", ")}`;
  if (answers.some(({ chosen }) => chosen > 0)) return ok(check, there);
  if (answers.some(({ all }) => all > 0)) {
    return note(check, there, "names chooses none of them; compare it with what there is", [
      "nfacct list",
      "nft list counters",
    ]);
  }
  return note(
    check,
    there,
    "make an object, and a rule that counts with it",
    COMMANDS[answers.at(-1)!.kind],
  );
}
