/// <reference lib="dom" />
/** The list of keys. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../controls/icon_button.tsx";
import { COMMANDS } from "./commands.ts";

/** Shows all keys. */
export function Help({ onClose }: { onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const commands: { part: string; about: string; keys: readonly string[]; shown?: string }[] = [
    ...Object.values(COMMANDS),
  ];
  const parts = Map.groupBy(commands, ({ part }) => part);
  return (
    <dialog
      class="help"
      ref={dialog}
      aria-label="Keys"
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <div class="help-head">
        <h2>Keys</h2>
        <IconButton
          icon="close"
          label="Close"
          look="button-quiet"
          onClick={() => dialog.current?.close()}
        />
      </div>
      <div class="help-parts">
        {[...parts].map(([part, list]) => (
          <section key={part}>
            <h3>{part}</h3>
            <dl>
              {list.map(({ about, keys, shown }) => (
                <div key={about}>
                  <dt>
                    {(shown ?? keys.join(" ")).split(" ").map((key) => <kbd key={key}>{key}</kbd>)}
                  </dt>
                  <dd>{about}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Mouse</h3>
          <dl>
            <div>
              <dt>
                <kbd>Click</kbd>
              </dt>
              <dd>a value: search for it</dd>
            </div>
            <div>
              <dt>
                <kbd>Shift</kbd>
                <kbd>Click</kbd>
              </dt>
              <dd>a value: exclude it</dd>
            </div>
            <div>
              <dt>
                <kbd>Drag</kbd>
              </dt>
              <dd>over the chart: that time</dd>
            </div>
          </dl>
        </section>
      </div>
    </dialog>
  );
}
