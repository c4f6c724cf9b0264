/**
 * Somebody who sits at a terminal, as tests of shells need one.
 *
 * @module
 */

/** How long anything may take to be seen, in milliseconds. */
const DEADLINE_MS = 20_000;

/** Types to a program on a pseudo-terminal, and reads what it shows. */
export class Typist implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #screen: ReadableStreamDefaultReader<string>;
  #shown = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#keys = child.stdin.getWriter();
    this.#screen = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * Starts a program on a terminal of its own, without any settings of a user's.
   *
   * @param command The program and its arguments.
   * @param cwd The folder that it starts in.
   */
  static start(command: readonly string[], cwd: string): Typist {
    const child = new Deno.Command("script", {
      args: ["--quiet", "--flush", "--command", command.join(" "), "/dev/null"],
      cwd,
      clearEnv: true,
      env: { HOME: cwd, PATH: Deno.env.get("PATH") ?? "", TERM: "xterm", COLUMNS: "200" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new Typist(child);
  }

  /** Types a text. */
  async type(text: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(text));
  }

  /**
   * Waits until a text is shown.
   *
   * @returns What was shown since the last time, up to its end.
   * @throws {Error} If it is not shown in time; the message holds what was.
   */
  async see(text: string): Promise<string> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const end = this.#shown.indexOf(text) + text.length;
      if (end >= text.length) {
        const seen = this.#shown.slice(0, end);
        this.#shown = this.#shown.slice(end);
        return seen;
      }
      const { promise: late, resolve } = Promise.withResolvers<{ done: true; value: undefined }>();
      const timer = setTimeout(
        () => resolve({ done: true, value: undefined }),
        deadline - performance.now(),
      );
      const { done, value } = await Promise.race([this.#screen.read(), late]);
      clearTimeout(timer);
      if (done) throw new Error(`Waited in vain for ${text}; there was: ${this.#shown}`);
      this.#shown += value;
    }
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.close();
    await this.#screen.cancel();
    // The program is told by the system that its terminal is gone.
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}
