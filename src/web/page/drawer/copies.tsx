/// <reference lib="dom" />
/** A record as expression, rule, command and JSON, to copy. */

import { escapedLines } from "../../../text/escape.ts";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { flowExpression, packetExpression } from "../../copy/expression.ts";
import { recordJson } from "../../copy/json.ts";
import { iptablesRule, nftRule, type Verdict } from "../../copy/rule.ts";
import { tcpdumpCommand } from "../../copy/tcpdump.ts";
import type { Row } from "../api/types.ts";
import { copyText } from "./clipboard.ts";

/** Records that are copied. */
export type CopiedRow = Exclude<Row, { type: "counter" }>;

/** Forms of a record, and whether they end with a verdict. */
const FORMS = [
  { id: "expression", title: "Expression" },
  { id: "nft", title: "nft rule", hasVerdict: true },
  { id: "iptables", title: "iptables rule", hasVerdict: true },
  { id: "tcpdump", title: "tcpdump" },
  { id: "json", title: "JSON" },
] as const;
/** Name of a form. */
type FormId = typeof FORMS[number]["id"];

const VERDICTS: readonly { id: Verdict; title: string }[] = [
  { id: "count", title: "count only" },
  { id: "accept", title: "accept" },
  { id: "drop", title: "drop" },
];

/** Offers a record in several forms. */
export function Copies({ row }: { row: CopiedRow }): JSX.Element {
  const [form, setForm] = useState<FormId>("expression");
  const [verdict, setVerdict] = useState<Verdict>("count");
  const [said, setSaid] = useState("");
  const shown = useRef<HTMLPreElement>(null);
  const forms = FORMS.filter(({ id }) => textOf(row, id, verdict) !== undefined);
  const chosen = forms.find(({ id }) => id === form) ?? forms[0]!;
  const text = textOf(row, chosen.id, verdict)!;
  const choose = (id: FormId) => {
    setForm(id);
    setSaid("");
  };
  const copy = async () => {
    const isCopied = await copyText(text, shown.current);
    setSaid(isCopied ? "Copied" : "Marked: copy it with Ctrl+C");
  };
  return (
    <section class="drawer-part" aria-labelledby="drawer-copies">
      <h3 id="drawer-copies">Copy as</h3>
      <div class="drawer-bar" role="group" aria-label="Form">
        {forms.map(({ id, title }) => (
          <button
            type="button"
            class="button"
            key={id}
            aria-pressed={id === chosen.id}
            onClick={() => choose(id)}
          >
            {title}
          </button>
        ))}
      </div>
      {"hasVerdict" in chosen && (
        <div class="drawer-bar" role="radiogroup" aria-label="Verdict of the rule">
          {VERDICTS.map(({ id, title }) => (
            <label key={id} class="drawer-choice">
              <input
                type="radio"
                name="drawer-verdict"
                checked={id === verdict}
                onChange={() => {
                  setVerdict(id);
                  setSaid("");
                }}
              />
              {title}
            </label>
          ))}
        </div>
      )}
      <div class="drawer-copy">
        <pre ref={shown} class="drawer-code" tabIndex={0}>{escapedLines(text)}</pre>
        <button type="button" class="button drawer-copy-button" onClick={copy}>Copy</button>
        <span class="drawer-said" role="status">{said}</span>
      </div>
    </section>
  );
}

function textOf(row: CopiedRow, form: FormId, verdict: Verdict): string | undefined {
  switch (form) {
    case "expression":
      return (row.type === "flow" ? flowExpression(row) : packetExpression(row)) || undefined;
    case "nft":
      return nftRule(row, verdict);
    case "iptables":
      return iptablesRule(row, verdict);
    case "tcpdump":
      return tcpdumpCommand(row);
    case "json":
      return recordJson(row);
  }
}
