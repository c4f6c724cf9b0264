/// <reference lib="dom" />
/** A button and what it opens. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

/** Properties of a button that opens something. */
export interface PopoverProperties {
  /** Content of the button. */
  label: ComponentChildren;
  /** Name of the button where its content says too little. */
  title: string;
  /** Class of the whole. */
  class?: string;
  /** Side of the button at which what it opens begins. */
  align?: "start" | "end";
  children: (close: () => void) => ComponentChildren;
  /** Takes the function that opens it, for keys. */
  opener?: (open: () => void) => void;
}

/** Shows a button; pressed, it opens a box, which Escape and a click elsewhere close. */
export function Popover(
  { label, title, class: name = "", align = "start", children, opener }: PopoverProperties,
): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  opener?.(() => setOpen(true));
  useEffect(() => {
    if (!isOpen) return;
    const inside = box.current?.querySelector<HTMLElement>("input, button, a");
    (inside ?? box.current)?.focus();
    const outside = (event: Event) => {
      if (!whole.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    close();
  };
  return (
    <div class={`popover ${name}`} ref={whole} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="button"
        ref={button}
        title={title}
        aria-label={typeof label === "string" ? undefined : title}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
      </button>
      {isOpen && (
        <div
          class={`popover-box popover-${align}`}
          id={id}
          tabIndex={-1}
          ref={box}
          role="group"
          aria-label={title}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}
