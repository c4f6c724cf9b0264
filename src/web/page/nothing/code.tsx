/// <reference lib="dom" />
/** Commands and rules, to copy. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { copyText } from "../drawer/clipboard.ts";

/** Shows lines for a shell, and copies them. */
export function Code({ text }: { text: string }): JSX.Element {
  const [said, setSaid] = useState("");
  const shown = useRef<HTMLPreElement>(null);
  const copy = async () => {
    const isCopied = await copyText(text, shown.current);
    setSaid(isCopied ? "Copied" : "Marked: copy it with Ctrl+C");
  };
  return (
    <div class="nothing-code">
      <pre ref={shown} tabIndex={0}>{text}</pre>
      <button type="button" class="button" aria-label={`Copy ${firstLine(text)}`} onClick={copy}>
        Copy
      </button>
      <span class="nothing-said" role="status">{said}</span>
    </div>
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
