/// <reference lib="dom" />
/** The NAT tab: who had an address and port at a time. */

import type { JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { NatAnswer } from "../../../output/table/nat_question.ts";
import { useQuery } from "../api/use_query.ts";
import { Notice } from "../controls/notice.tsx";
import { useCommand } from "../keys/commands.ts";
import { useCell } from "../state/cell.ts";
import { Findings } from "../nothing/findings.tsx";
import { serverState } from "../state/server.ts";
import { show, view } from "../state/view.ts";
import { moment } from "../text/format.ts";
import { settings } from "../state/settings.ts";
import { NatAnswers } from "./answers.tsx";
import {
  type Mistakes,
  MOST_FOUND,
  questionOf,
  sharedTime,
  shownTime,
  type Written,
} from "./question.ts";
import { presentMs } from "../time/clock.ts";

/** Asks for the holder of a translated address, and shows the answers. */
export function Nat(): JSX.Element {
  const { address = "", port = "", at = "" } = useCell(view);
  const { zone = "local" } = useCell(settings);
  const state = useCell(serverState);
  const form = useRef<HTMLFormElement>(null);
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const first = useRef<HTMLInputElement>(null);
  const result = useRef<HTMLDivElement>(null);
  // It has no focus by itself: digits lead to other tabs.
  useCommand("search", () => first.current?.select());
  // The present is asked about once, not again with each rendering.
  const question = useMemo(
    () => address === "" ? undefined : questionOf({ address, port, at }, presentMs(), zone),
    [address, port, at, zone],
  );
  const asked = question !== undefined && "asked" in question ? question.asked : undefined;
  const answer = useQuery<NatAnswer>(
    asked === undefined ? undefined : "/api/nat",
    { ...asked, limit: MOST_FOUND },
    { keeps: false },
  );
  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(form.current!);
    const text = (name: keyof Written) => String(data.get(name) ?? "").trim();
    const written = { address: text("address"), port: text("port"), at: text("at") };
    const checked = questionOf(written, presentMs(), zone);
    setMistakes("mistakes" in checked ? checked.mistakes : {});
    if ("mistakes" in checked) {
      const [name] = Object.keys(checked.mistakes);
      form.current?.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
      return;
    }
    // What is asked about "now" is asked about the same moment by those who get the link.
    const time = written.at === ""
      ? new Date(checked.asked.at).toISOString()
      : sharedTime(written.at, zone);
    show({ tab: "nat", ...written, at: time });
    answer.retry();
    result.current?.focus();
  };
  const leave = ({ key, target }: KeyboardEvent) => {
    if (key === "Escape" && target instanceof HTMLInputElement) target.blur();
  };
  const shown = "mistakes" in (question ?? {}) ? (question as { mistakes: Mistakes }).mistakes : {};
  const wrong = { ...shown, ...mistakes };
  return (
    <div class="nat">
      <h2>Who had this address and port?</h2>
      <form class="nat-form" ref={form} onSubmit={submit} onKeyDown={leave} noValidate>
        <Input
          name="address"
          label="External address"
          value={address}
          hint="198.51.100.7"
          mistake={wrong.address}
          input={first}
        />
        <Input name="port" label="Port" value={port} hint="any" mistake={wrong.port} />
        <Input
          name="at"
          label="At"
          value={shownTime(at, zone)}
          hint={`now, as in ${moment(presentMs(), zone)}`}
          mistake={wrong.at}
        />
        <button type="submit" class="button nat-ask">Ask</button>
      </form>
      <div
        class="nat-result"
        ref={result}
        tabIndex={-1}
        aria-live="polite"
        aria-busy={answer.isLoading}
      >
        {state !== undefined && !state.tables.flows && (
          <Findings findings={state.nothing.filter(({ check }) => check === "flows")} />
        )}
        {answer.error !== undefined && (
          <Notice
            text={answer.error.message}
            onRetry={answer.retry}
          />
        )}
        {asked !== undefined && answer.data !== undefined && (
          <NatAnswers answer={answer.data} asked={asked} zone={zone} />
        )}
        {asked !== undefined && answer.isLoading && <p class="nat-none">Looking…</p>}
      </div>
    </div>
  );
}

/** Shows a field of the form, and its mistake. */
function Input(
  { name, label, value, hint, mistake, input }: {
    name: keyof Written;
    label: string;
    value: string;
    hint: string;
    mistake: string | undefined;
    input?: { current: HTMLInputElement | null };
  },
): JSX.Element {
  const id = `nat-${name}`;
  return (
    <div class={`nat-field nat-field-${name}`}>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        ref={input ?? null}
        // A new value where the address bar has changed.
        key={value}
        defaultValue={value}
        placeholder={hint}
        autocomplete="off"
        spellcheck={false}
        inputMode={name === "port" ? "numeric" : "text"}
        aria-invalid={mistake !== undefined}
        aria-describedby={mistake === undefined ? undefined : `${id}-mistake`}
      />
      {mistake !== undefined && <p class="nat-mistake" id={`${id}-mistake`}>{mistake}</p>}
    </div>
  );
}
