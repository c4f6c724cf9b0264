/** Runs `nfscribe web` and `nfscribe run --web` as a user would, for tests. */

import { ROOT, until } from "../process.ts";

/** A process that has printed the page's address. */
export class WebProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  /** Everything that it has printed, on either output. */
  said = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
  }

  /**
   * Starts it with scripts/nfscribe, with just the rights that it needs.
   *
   * @param args Arguments after `nfscribe`.
   */
  static start(folder: string, ...args: readonly string[]): Promise<WebProcess> {
    return WebProcess.startWith({}, folder, ...args);
  }

  /**
   * Starts it with further environment variables.
   *
   * @param args Arguments after `nfscribe`.
   */
  static async startWith(
    env: Record<string, string>,
    folder: string,
    ...args: readonly string[]
  ): Promise<WebProcess> {
    const web = new WebProcess(
      new Deno.Command(`${ROOT}scripts/nfscribe`, {
        args: [...args],
        cwd: folder,
        env,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    try {
      await until("the address is printed", () => /https?:\/\/.*\n/.test(web.said));
    } catch (error) {
      await web[Symbol.asyncDispose]();
      throw new Error(`${args.join(" ")}: ${web.said}`, { cause: error });
    }
    return web;
  }

  /** The address that was printed. */
  get url(): URL {
    return new URL(/https?:\/\/\S+/.exec(this.said)![0]);
  }

  /** Asks for an address with the token that was printed, or another one. */
  async get(path: string, token = this.url.searchParams.get("token")!): Promise<Response> {
    return await fetch(new URL(path, this.url), { headers: { authorization: `Bearer ${token}` } });
  }

  /** Sends a signal; returns the exit status. */
  async end(signal: Deno.Signal): Promise<number> {
    this.#child.kill(signal);
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#reading;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.said += text;
  }
}
