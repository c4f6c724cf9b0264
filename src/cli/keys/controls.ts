/** State of a command that is controlled by keys. Pure. */

import { ExpressionError } from "../../filter/expression/error.ts";
import type { Key } from "../../terminal/keys.ts";
import { LineEditor } from "../../terminal/line_editor.ts";

/** Page that covers the records. */
export type Page = "top" | "help";

/** Consequence of a key, for the command. */
export type Action = "quit" | "filter" | "pause" | "draw" | "none";

/** Order of the top destinations. */
export type TopOrder = "minute" | "start";

/** Abilities of a command. */
export interface ControlOptions {
  /** Expression that chooses records to begin with. */
  where?: string | undefined;
  /**
   * Checks an expression; absent where none can be chosen.
   *
   * @throws {ExpressionError} If it is wrong.
   */
  check?: (text: string) => void;
  /** Whether it chooses among destinations alone; it then shows them. */
  filtersTop?: boolean;
  /** Whether records have destinations. */
  hasTop: boolean;
}

/** Line in which an expression is typed. */
export interface Prompt {
  editor: LineEditor;
  /** Error of the text; undefined while none is known. */
  error: ExpressionError | undefined;
}

/** Keys and their state. */
export class Controls {
  /** Page that is shown; undefined for the records. */
  page: Page | undefined;
  /** Whether records are only counted. */
  isPaused = false;
  /** Line that is typed; undefined for none. */
  prompt: Prompt | undefined;
  /** Order of the top destinations. */
  order: TopOrder = "minute";
  /** Expression that chooses records; undefined for all. */
  where: string | undefined;
  /** Reason why the last key did nothing. */
  hint: string | undefined;
  readonly #options: ControlOptions;
  /** Expressions that were typed, the newest last, and the one that is shown in the prompt. */
  readonly #history: string[] = [];
  #historyAt = 0;

  /** Shows the records. */
  constructor(options: ControlOptions) {
    this.#options = options;
    this.where = options.where;
    if (options.where !== undefined) this.#history.push(options.where);
  }

  /** Whether an expression can be typed. */
  get filters(): boolean {
    return this.#options.check !== undefined;
  }

  /** Whether an expression chooses among destinations alone. */
  get filtersTop(): boolean {
    return this.#options.filtersTop === true;
  }

  /** Whether there is a page of destinations. */
  get hasTop(): boolean {
    return this.#options.hasTop;
  }

  /** Handles a key. */
  press(key: Key): Action {
    this.hint = undefined;
    return this.prompt === undefined ? this.#command(key) : this.#type(key, this.prompt);
  }

  #command(key: Key): Action {
    switch (key) {
      case "q":
      case "Q":
        // As in less: q leaves help, and then the program.
        if (this.page !== "help") return "quit";
        this.page = undefined;
        return "draw";
      case "p":
      case " ":
        this.isPaused = !this.isPaused;
        return "pause";
      case "?":
      case "h":
        return this.#toggle("help");
      case "t":
        if (this.hasTop) return this.#toggle("top");
        this.hint = "there are no destinations here: nfscribe watch --running has them";
        return "draw";
      case "s":
        if (this.page !== "top") return "none";
        this.order = this.order === "minute" ? "start" : "minute";
        return "draw";
      case "/":
        return this.#ask();
      case "Escape":
      case "Enter":
        if (this.page === undefined) return "none";
        this.page = undefined;
        return "draw";
      case "Ctrl-L":
        return "draw";
    }
    return "none";
  }

  #toggle(page: Page): Action {
    this.page = this.page === page ? undefined : page;
    return "draw";
  }

  #ask(): Action {
    if (!this.filters) {
      this.hint = "no expression can be chosen here: nfscribe watch takes one";
      return "draw";
    }
    if (this.page === "help") this.page = undefined;
    this.prompt = { editor: new LineEditor(this.where ?? ""), error: undefined };
    this.#historyAt = this.#history.length;
    return "draw";
  }

  #type(key: Key, prompt: Prompt): Action {
    switch (key) {
      case "Escape":
        this.prompt = undefined;
        return "draw";
      case "Enter":
        return this.#choose(prompt);
      case "Up":
        return this.#recall(prompt, -1);
      case "Down":
        return this.#recall(prompt, 1);
    }
    // An error is about the text as it was.
    if (prompt.editor.press(key)) prompt.error = undefined;
    return "draw";
  }

  #choose(prompt: Prompt): Action {
    const text = prompt.editor.text.trim();
    try {
      if (text !== "") this.#options.check!(prompt.editor.text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      prompt.error = error;
      return "draw";
    }
    this.prompt = undefined;
    this.where = text === "" ? undefined : text;
    if (this.filtersTop) this.page = "top";
    if (text !== "" && this.#history.at(-1) !== text) this.#history.push(text);
    return "filter";
  }

  #recall({ editor }: Prompt, step: number): Action {
    const place = this.#historyAt + step;
    if (place < 0 || place > this.#history.length) return "none";
    this.#historyAt = place;
    editor.set(this.#history[place] ?? "");
    return "draw";
  }
}
