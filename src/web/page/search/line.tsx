/// <reference lib="dom" />
/** The search line: an expression, with completions and its mistake in place. */

import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { StoredKind } from "../api/types.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon_button.tsx";
import { useCommand } from "../keys/commands.ts";
import { knownValues } from "../state/known.ts";
import { type Mistake, mistakeOf } from "./check.ts";
import { type Completions, completionsAt } from "./completion.ts";

/** Properties of the search line. */
export interface SearchLineProperties {
  kind: StoredKind;
  /** The expression that is in force. */
  where: string;
  /** The server's refusal of it. */
  refusal: Mistake | undefined;
  onSearch(where: string): void;
}

const NONE: Completions = { start: 0, end: 0, options: [] };

/** Shows the search line. */
export function SearchLine(
  { kind, where, refusal, onSearch }: SearchLineProperties,
): JSX.Element {
  const [text, setText] = useState(where);
  const [isWrong, setWrong] = useState(false);
  const [offer, setOffer] = useState(NONE);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const id = useId();
  // What was searched for here stands here, and may be written on already.
  const searched = useRef(where);
  useEffect(() => {
    if (where !== searched.current) setText(where);
    searched.current = where;
    setWrong(true);
  }, [where]);
  useCommand("search", () => input.current?.select());
  useCommand("clear", () => search(""));
  const own = mistakeOf(text, kind);
  const mistake = own ?? (text === where ? refusal : undefined);
  const shown = isWrong || text === where ? mistake : undefined;

  const search = (next: string) => {
    setOffer(NONE);
    setText(next.trim());
    setWrong(true);
    if (mistakeOf(next, kind) !== undefined) return;
    searched.current = next.trim();
    onSearch(searched.current);
  };
  const write = (next: string, caret: number) => {
    setText(next);
    setWrong(false);
    setChosen(-1);
    setOffer(completionsAt(next, caret, kind, knownValues()));
  };
  const complete = (place: number) => {
    const option = offer.options[place]!;
    const rest = text.slice(offer.end);
    const head = text.slice(0, offer.start) + option.text + (rest.startsWith(" ") ? "" : " ");
    write(head + rest, head.length);
    const element = input.current!;
    element.value = head + rest;
    element.focus();
    element.setSelectionRange(head.length, head.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { options } = offer;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (options.length === 0) return write(text, input.current!.selectionStart ?? text.length);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen(chosen < 0 && step < 0 ? options.length - 1 : (chosen + step) % options.length);
    } else if (event.key === "Tab" && options.length > 0 && !event.shiftKey && chosen >= 0) {
      event.preventDefault();
      complete(chosen);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen >= 0 && options.length > 0) complete(chosen);
      else search(text);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (options.length > 0) setOffer(NONE);
      else {
        setText(where);
        input.current?.blur();
      }
    }
  };
  const isOpen = offer.options.length > 0;
  return (
    <search class="search">
      <div class={`search-field ${shown === undefined ? "" : "search-wrong"}`}>
        <Icon name="search" />
        <div class="search-text">
          <div class="search-mirror" aria-hidden="true" ref={mirror}>
            {shown?.place !== undefined && <Underlined text={text} {...shown.place} />}
          </div>
          <input
            ref={input}
            type="text"
            role="combobox"
            value={text}
            placeholder={kind === "packet"
              ? "tcp port 22 and not src net 10.0.0.0/8"
              : "snat and tcp"}
            aria-label="Search expression"
            aria-expanded={isOpen}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && chosen >= 0 ? `${id}-${chosen}` : undefined}
            aria-invalid={shown !== undefined}
            aria-describedby={shown === undefined ? undefined : `${id}-error`}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) =>
              write(
                currentTarget.value,
                currentTarget.selectionStart ?? currentTarget.value.length,
              )}
            onKeyDown={onKeyDown}
            onBlur={() => setOffer(NONE)}
            onScroll={({ currentTarget }) =>
              mirror.current && (mirror.current.scrollLeft = currentTarget.scrollLeft)}
          />
        </div>
        {text !== "" && (
          <IconButton
            icon="close"
            label="Search for everything"
            hint="\"
            look="button-quiet"
            onClick={() => search("")}
          />
        )}
      </div>
      <ul
        class="search-offer"
        role="listbox"
        id={`${id}-list`}
        aria-label="Completions"
        hidden={!isOpen}
      >
        {offer.options.map(({ text, about }, place) => (
          <li
            key={text}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === chosen}
            // The line keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => complete(place)}
          >
            <code>{text}</code>
            <span>{about}</span>
          </li>
        ))}
      </ul>
      {shown !== undefined && (
        <p class="search-error" id={`${id}-error`} role="alert">{capital(shown.reason)}</p>
      )}
    </search>
  );
}

/** Draws a line below the wrong word: below the text's end where something is missing. */
function Underlined(
  { text, start, end }: { text: string; start: number; end: number },
): JSX.Element {
  return (
    <>
      {text.slice(0, start)}
      <mark>{start === end ? "\u2007" : text.slice(start, end)}</mark>
      {text.slice(end)}
    </>
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
