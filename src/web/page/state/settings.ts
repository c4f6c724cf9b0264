/// <reference lib="dom" />
/** Settings that this browser keeps. */

import type { Zone } from "../text/format.ts";
import { type Cell, cell } from "./cell.ts";

/** A search that was kept under a name. */
export interface SavedSearch {
  readonly name: string;
  readonly kind: "packet" | "flow";
  readonly where: string;
}

/** All settings; what is left out is as usual. */
export interface Settings {
  readonly theme?: "light" | "dark" | undefined;
  readonly zone?: Zone;
  /** Whether records that are alike are shown as one. */
  readonly isGrouped?: boolean;
  /** Whether the lists of the most frequent values are shown; undefined where there is room. */
  readonly hasTop?: boolean;
  readonly hasChart?: boolean;
  /** Columns that are shown, by the kind of record. */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  readonly searches?: readonly SavedSearch[];
}

const NAME = "nfscribe";

/** The settings. */
export const settings: Cell<Settings> = cell<Settings>(read());

/** Changes settings, and keeps them. */
export function setSettings(change: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...change });
  try {
    localStorage.setItem(NAME, JSON.stringify(settings.get()));
  } catch {
    // Without storage they hold until the page is closed.
  }
}

/** Shows the page in the chosen colours. */
export function bindTheme(): void {
  const apply = ({ theme }: Settings) => {
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  apply(settings.get());
  settings.watch(apply);
  // Another tab of this browser has changed them.
  addEventListener("storage", ({ key }) => {
    if (key === NAME) settings.set(read());
  });
}

function read(): Settings {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
