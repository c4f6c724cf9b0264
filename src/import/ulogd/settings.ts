/**
 * The settings of one plugin, taken one by one; what nobody took is told.
 *
 * @module
 */

import { numberIn, type Section, type Setting } from "./conf.ts";

/** Why a setting has no counterpart, by its key. */
export type Reasons = Readonly<Record<string, string>>;

/** A section's settings. */
export class Settings {
  readonly #left = new Map<string, Setting>();

  /** Of two settings with one key the first counts. */
  constructor(section: Section | undefined) {
    for (const setting of section?.settings ?? []) {
      if (!this.#left.has(setting.key)) this.#left.set(setting.key, setting);
    }
  }

  /** Takes a setting; undefined if it is not there. */
  take(key: string): Setting | undefined {
    const setting = this.#left.get(key);
    this.#left.delete(key);
    return setting;
  }

  /** Takes a text; the default where it is not there or empty. */
  text(key: string, byDefault: string): string {
    return this.take(key)?.value || byDefault;
  }

  /** Takes a number; undefined where it is not there. */
  number(key: string): (Setting & { number: number }) | undefined {
    const setting = this.take(key);
    return setting && { ...setting, number: numberIn(setting.value) };
  }

  /**
   * What was not taken.
   *
   * @param reasons Why there is no counterpart.
   */
  notes(reasons: Reasons = {}): string[] {
    return [...this.#left.values()].map(({ key, value, line }) => {
      // A password never gets into the file that is made.
      const shown = /pass/i.test(key) || value === "" ? key : `${key}=${value}`;
      return `line ${line}: ${shown}: ${reasons[key] ?? "has no counterpart"}`;
    });
  }
}
