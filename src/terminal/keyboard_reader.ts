/**
 * Reads keys of a terminal as they are typed. Ctrl-C and Ctrl-Z stay signals; the terminal's mode is
 * restored however the program ends or is stopped.
 */

import { isForeground, prepareJobControl, stopItself } from "../../ffi/job_control.ts";
import { variable } from "../permission.ts";
import { type Key, KeyDecoder } from "./keys.ts";

/** Bytes of a read. */
const READ_SIZE = 1024;

/** Events of a keyboard. */
export interface KeyboardEvents {
  /** A key was pressed. */
  press(key: Key): void;
  /** The program is to end: Ctrl-\, or the terminal is gone. */
  quit(): void;
  /** The terminal is about to be another program's; awaited. */
  suspend(): Promise<void>;
  /** The terminal is this program's again. */
  resume(): void;
  /** The terminal has another size. */
  resize(): void;
  /** The program is about to fail. */
  fail(): void;
}

/**
 * Returns whether keys can be read: standard input and output are terminals that take control
 * sequences, and this program is in the foreground.
 */
export function hasKeyboard(): boolean {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) return false;
  if (variable("TERM") === "dumb") return false;
  return !hasJobControl() || isForeground();
}

/** Returns whether the C library may be used. */
function hasJobControl(): boolean {
  try {
    prepareJobControl();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

/** Keys that are read until it is disposed of. */
export class Keyboard implements Disposable {
  readonly #events: KeyboardEvents;
  readonly #decoder = new KeyDecoder();
  readonly #hasJobControl = hasJobControl();
  readonly #listeners: readonly (readonly [Deno.Signal, () => void])[];
  #isOpen = true;

  /** Changes the terminal's mode and begins to read. */
  constructor(events: KeyboardEvents) {
    this.#events = events;
    this.#listeners = [
      ["SIGWINCH", () => events.resize()],
      ["SIGCONT", () => this.#continue()],
      ["SIGQUIT", () => events.quit()],
      // Without the C library the process stops at once; shells restore the mode then.
      ...this.#hasJobControl ? [["SIGTSTP", () => void this.#stop()] as const] : [],
    ];
    for (const [signal, listener] of this.#listeners) Deno.addSignalListener(signal, listener);
    globalThis.addEventListener("error", this.#fail);
    globalThis.addEventListener("unhandledrejection", this.#fail);
    setKeyMode(true);
    void this.#read();
  }

  /** Restores the terminal's mode. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    globalThis.removeEventListener("error", this.#fail);
    globalThis.removeEventListener("unhandledrejection", this.#fail);
    setKeyMode(false);
  }

  readonly #fail = () => {
    this.#events.fail();
    this[Symbol.dispose]();
  };

  async #read(): Promise<void> {
    const bytes = new Uint8Array(READ_SIZE);
    try {
      for (;;) {
        const count = await Deno.stdin.read(bytes);
        if (!this.#isOpen) return;
        if (count === null) break;
        for (const key of this.#decoder.decode(bytes.subarray(0, count))) this.#events.press(key);
      }
    } catch {
      // EIO: the terminal is gone.
    }
    if (this.#isOpen) this.#events.quit();
  }

  async #stop(): Promise<void> {
    await this.#events.suspend();
    setKeyMode(false);
    stopItself();
  }

  #continue(): void {
    if (this.#hasJobControl && !isForeground()) return;
    // The shell has changed the mode meanwhile.
    setKeyMode(false);
    setKeyMode(true);
    this.#events.resume();
  }
}

function setKeyMode(isOn: boolean): void {
  try {
    Deno.stdin.setRaw(isOn, { cbreak: isOn });
  } catch {
    // The terminal is gone.
  }
}
