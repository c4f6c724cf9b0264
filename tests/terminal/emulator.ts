/**
 * A terminal that knows the control sequences that nfscribe uses, and refuses all others.
 *
 * @module
 */

/** One screen, and where its cursor is. */
interface Screen {
  lines: string[];
  row: number;
  column: number;
}

/** Emulates a terminal. Characters are one column wide. */
export class Emulator {
  /** Whether the cursor is visible. */
  showsCursor = true;
  /** Lines that have scrolled away, the oldest first. */
  readonly scrolled: string[] = [];
  readonly #rows: number;
  readonly #columns: number;
  readonly #wraps: boolean;
  #main: Screen = { lines: [""], row: 0, column: 0 };
  #page: Screen | undefined;

  /** Creates an empty screen; without `wraps` a line wider than it is an error. */
  constructor(columns: number, rows: number, { wraps = true } = {}) {
    this.#columns = columns;
    this.#rows = rows;
    this.#wraps = wraps;
  }

  /** Whether the alternate screen is shown. */
  get isPage(): boolean {
    return this.#page !== undefined;
  }

  /** Visible lines, up to the last one with text, or that of the cursor. */
  get lines(): string[] {
    const { lines, row } = this.#screen;
    const last = lines.findLastIndex((line) => line.trimEnd() !== "");
    return lines.slice(0, Math.max(last, row) + 1).map((line) => line.trimEnd());
  }

  /** Place of the cursor. */
  get cursor(): [row: number, column: number] {
    return [this.#screen.row, this.#screen.column];
  }

  get #screen(): Screen {
    return this.#page ?? this.#main;
  }

  /** Shows a text. */
  write(text: string): void {
    // deno-lint-ignore no-control-regex
    for (const [token, parameters, letter] of text.matchAll(/\x1b\[([\d;?]*)([A-Za-z])|./gsu)) {
      if (letter !== undefined) this.#control(parameters!, letter);
      else if (token === "\n") this.#newLine();
      else if (token === "\r") this.#screen.column = 0;
      else if (/\p{Cc}/u.test(token)) throw new Error(`Unknown: ${JSON.stringify(token)}`);
      else this.#print(token);
    }
  }

  #print(character: string): void {
    const screen = this.#screen;
    if (screen.column >= this.#columns) {
      if (!this.#wraps) throw new Error(`A line is wider than ${this.#columns}`);
      this.#newLine();
    }
    const line = (screen.lines[screen.row] ?? "").padEnd(screen.column);
    screen.lines[screen.row] = line.slice(0, screen.column) + character +
      line.slice(screen.column + 1);
    screen.column++;
  }

  #newLine(): void {
    const screen = this.#screen;
    screen.column = 0;
    screen.row++;
    if (screen.row >= this.#rows) {
      const [first] = screen.lines.splice(0, 1);
      if (screen === this.#main) this.scrolled.push(first!);
      screen.row--;
    }
    while (screen.lines.length <= screen.row) screen.lines.push("");
  }

  #control(parameters: string, letter: string): void {
    const screen = this.#screen;
    const count = Number(parameters || 1);
    const line = screen.lines[screen.row]!;
    switch (`${parameters.startsWith("?") ? parameters : ""}${letter}`) {
      case "A":
        screen.row = Math.max(0, screen.row - count);
        return;
      case "F":
        [screen.row, screen.column] = [Math.max(0, screen.row - count), 0];
        return;
      case "C":
        screen.column = Math.min(this.#columns - 1, screen.column + count);
        return;
      case "H": {
        const [row = 1, column = 1] = parameters === "" ? [] : parameters.split(";").map(Number);
        [screen.row, screen.column] = [row - 1, column - 1];
        while (screen.lines.length <= screen.row) screen.lines.push("");
        return;
      }
      case "J":
        if (parameters === "2") screen.lines = screen.lines.map(() => "");
        else {
          screen.lines.splice(screen.row + 1);
          screen.lines[screen.row] = line.slice(0, screen.column);
        }
        return;
      case "K":
        screen.lines[screen.row] = parameters === "2" ? "" : line.slice(0, screen.column);
        return;
      case "m":
      case "?2026h":
      case "?2026l":
        return;
      case "?25h":
      case "?25l":
        this.showsCursor = letter === "h";
        return;
      case "?1049h":
        this.#page = { lines: [""], row: 0, column: 0 };
        return;
      case "?1049l":
        this.#page = undefined;
        return;
    }
    throw new Error(`Unknown: ESC [ ${parameters}${letter}`);
  }
}
