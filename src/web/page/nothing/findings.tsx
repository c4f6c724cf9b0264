/** Findings as `nfscribe doctor` words them. */

import type { JSX } from "preact";
import type { Finding } from "../api/types.ts";
import { Code } from "./code.tsx";

const STATES: Readonly<Record<Finding["state"], string>> = {
  ok: "well",
  note: "note",
  fix: "to do",
  skipped: "not looked at",
};

/** Shows findings. */
export function Findings({ findings }: { findings: readonly Finding[] }): JSX.Element {
  return (
    <ul class="nothing-findings">
      {findings.map(({ check, state, message, fix, commands = [] }, index) => (
        <li key={index} class={`nothing-finding nothing-${state}`}>
          <p>
            <span class="nothing-state">{STATES[state]}</span> <strong>{check}</strong>: {message}
          </p>
          {fix !== undefined && <p class="nothing-advice">{sentence(fix)}</p>}
          {commands.map((command) => <Code key={command} text={command} />)}
        </li>
      ))}
    </ul>
  );
}

function sentence(text: string): string {
  const first = text.slice(0, 1);
  // A command's or a key's name stays as it is.
  const start = /^[a-z]+[_=]|^nfscribe/.test(text) ? first : first.toUpperCase();
  return `${start}${text.slice(1)}${/[.:]$/.test(text) ? "" : "."}`;
}
