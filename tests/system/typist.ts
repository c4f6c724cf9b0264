/**
 * A simulated user at a terminal, for tests of shells.
 *
 * @module
 */

/** Time limit for expected output, in milliseconds. */
const DEADLINE_MS = 20_000;

/** Types to a program on a pseudo-terminal, and reads its output. */
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
   * Starts a program on a terminal of its own, without a user's settings.
   *
   * @param command The program and its arguments.
   * @param cwd Its working folder.
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
   * @returns The output since the last call, up to the end of the text.
   * @throws {Error} If it is not shown in time; the message contains the output.
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
    // The system signals the program that its terminal is gone.
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}
