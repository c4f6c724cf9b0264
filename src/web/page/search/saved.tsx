/// <reference lib="dom" />
/** Searches that this browser keeps. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { StoredKind } from "../api/types.ts";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon_button.tsx";
import { Popover } from "../controls/popover.tsx";
import { useCommand } from "../keys/commands.ts";
import { useCell } from "../state/cell.ts";
import { setSettings, settings } from "../state/settings.ts";

/** Properties of the saved searches. */
export interface SavedProperties {
  kind: StoredKind;
  where: string;
  onSearch(where: string): void;
}

/** Shows the saved searches of a kind of record, and saves the present one. */
export function Saved({ kind, where, onSearch }: SavedProperties): JSX.Element {
  const { searches = [] } = useCell(settings);
  const [name, setName] = useState("");
  const open = useRef(() => {});
  useCommand("saved", () => open.current());
  const own = searches.filter((search) => search.kind === kind);
  const isSaved = own.some((search) => search.where === where);
  const remove = (gone: string) =>
    setSettings({
      searches: searches.filter((search) => search.kind !== kind || search.name !== gone),
    });
  const save = () => {
    const saved = { kind, where, name: name.trim() || where };
    setSettings({
      searches: [
        ...searches.filter((search) => search.kind !== kind || search.name !== saved.name),
        saved,
      ],
    });
    setName("");
  };
  return (
    <Popover
      class={`saved ${isSaved ? "saved-present" : ""}`}
      label={<Icon name="star" />}
      title="Saved searches"
      align="end"
      opener={(opener) => open.current = opener}
    >
      {(close) => (
        <>
          {own.length === 0 && <p class="note">Nothing is saved in this browser yet.</p>}
          <ul class="saved-list">
            {own.map((search) => (
              <li key={search.name}>
                <button
                  type="button"
                  class="button-row"
                  onClick={() => {
                    close();
                    onSearch(search.where);
                  }}
                >
                  <span>{search.name}</span>
                  {search.name !== search.where && <code>{search.where || "everything"}</code>}
                </button>
                <IconButton
                  icon="close"
                  label={`Forget ${search.name}`}
                  look="button-quiet"
                  onClick={() => remove(search.name)}
                />
              </li>
            ))}
          </ul>
          {where !== "" && !isSaved && (
            <form
              class="saved-form"
              onSubmit={(event) => {
                event.preventDefault();
                save();
              }}
            >
              <label>
                Save <code>{where}</code> as
                <input
                  type="text"
                  value={name}
                  placeholder={where}
                  onInput={({ currentTarget }) => setName(currentTarget.value)}
                />
              </label>
              <button type="submit" class="button button-main">Save</button>
            </form>
          )}
        </>
      )}
    </Popover>
  );
}
