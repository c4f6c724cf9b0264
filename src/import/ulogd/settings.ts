/** Settings of one plugin, taken one by one; the rest is reported. */

import { numberIn, type Section, type Setting } from "./conf.ts";

/** Reasons for settings without an equivalent, by key. */
export type Reasons = Readonly<Record<string, string>>;

/** Settings of a section. */
export class Settings {
  readonly #left = new Map<string, Setting>();

  /** Creates them; of two settings with one key the first counts. */
  constructor(section: Section | undefined) {
    for (const setting of section?.settings ?? []) {
      if (!this.#left.has(setting.key)) this.#left.set(setting.key, setting);
    }
  }

  /** Takes a setting; returns undefined if it is missing. */
  take(key: string): Setting | undefined {
    const setting = this.#left.get(key);
    this.#left.delete(key);
    return setting;
  }

  /** Takes a text; returns the default if it is missing or empty. */
  text(key: string, byDefault: string): string {
    return this.take(key)?.value || byDefault;
  }

  /** Takes a number; returns undefined if it is missing. */
  number(key: string): (Setting & { number: number }) | undefined {
    const setting = this.take(key);
    return setting && { ...setting, number: numberIn(setting.value) };
  }

  /**
   * Returns notes about settings that were not taken.
   *
   * @param reasons Reasons for settings without an equivalent.
   */
  notes(reasons: Reasons = {}): string[] {
    return [...this.#left.values()].map(({ key, value, line }) => {
      // A password never gets into the new file.
      const shown = /pass/i.test(key) || value === "" ? key : `${key}=${value}`;
      return `line ${line}: ${shown}: ${reasons[key] ?? "has no counterpart"}`;
    });
  }
}
