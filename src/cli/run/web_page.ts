/** The web page of `run --web`: `nfscribe web` as a process of its own, which ends with this one. */

import type { Config } from "../../config/config.ts";
import { flagsOf } from "../../daemon/permissions.ts";
import { messageOf } from "../../errors.ts";
import { MAIN } from "../../threads.ts";
import type { Log } from "../../log/log.ts";
import type { Need } from "../../permission.ts";
import { absolute } from "../../text/path.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { requireSocketPath } from "../options.ts";
import { SHOWN } from "../db/options.ts";
import { webNeedsOf } from "../web/needs.ts";
import { settingsOf } from "../web/settings.ts";

/** Command line of the process. */
export interface WebCommand {
  path: string;
  args: string[];
}

/** Returns the right to start it, which is given up once it runs. */
export function webNeed(): Need {
  return { name: "run", value: Deno.execPath(), why: "--web: the page is a process of its own" };
}

/**
 * Has the configuration's counters asked for beside the database where nothing else is said, so that
 * the page can show them.
 *
 * @throws {UsageError} If there is no database.
 */
export function prepareForWeb(config: Config): void {
  const shown = config.outputs.filter(({ type }) => SHOWN.some((one) => one.type === type));
  const { type, shorthand } = fileDatabase();
  if (shown.length === 0) {
    throw new UsageError(`--web shows a database: add one, as in --${type} ${shorthand.example}`);
  }
  const path = shown.find((output) => output.type === type)?.options[shorthand.key!];
  if (typeof path !== "string") return;
  config.stats.socket ??= requireSocketPath(absolute(`${path}.sock`));
}

/**
 * Returns the command line, with just the rights that the page needs.
 *
 * @param options Those of `run`.
 * @param file The configuration file; undefined for none.
 */
export async function webCommandOf(
  options: ParsedOptions,
  { stats }: Config,
  file: string | undefined,
): Promise<WebCommand> {
  const given: Record<string, string> = {};
  if (file !== undefined) given.config = file;
  for (const { type } of SHOWN) if (options[type] !== undefined) given[type] = options[type];
  if (stats.socket !== undefined) given.socket = stats.socket;
  const settings = await settingsOf(given);
  const flags = flagsOf(webNeedsOf(settings, { isPassed: false, opens: false }));
  const own = Object.entries(given).map(([name, value]) => `--${name}=${value}`);
  // An executable of `deno compile` has its rights in itself.
  const before = Deno.build.standalone ? [] : ["run", "--quiet", "--no-prompt", ...flags, MAIN];
  return { path: Deno.execPath(), args: [...before, "web", "--until-eof", ...own] };
}

/** The process. */
export class WebPage implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  #isClosing = false;

  /**
   * Starts it. It ends when this process does, however that ends: its standard input ends then.
   *
   * @param log Takes its address, and why it ended.
   * @param onRefused Called if it could not start.
   */
  constructor({ path, args }: WebCommand, log: Log, onRefused: () => void) {
    this.#child = new Deno.Command(path, { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    // Its end closes the pipe.
    this.#stdin.closed.catch(() => {});
    void this.#watch(log, onRefused);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#stdin.close().catch(() => {});
    await this.#child.status;
  }

  async #watch(log: Log, onRefused: () => void): Promise<void> {
    let hasStarted = false;
    try {
      for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
        hasStarted = true;
        // Standard output may be an output's.
        console.error(text.trimEnd());
      }
    } catch (error) {
      log.warn(`Cannot read from the web page's process: ${messageOf(error)}`);
    }
    const { code, signal } = await this.#child.status;
    if (this.#isClosing) return;
    if (!hasStarted) return onRefused();
    log.warn(`The web page has ended: ${signal ?? `exit status ${code}`}; logging goes on`);
  }
}

function fileDatabase() {
  return SHOWN.find(({ shorthand }) => shorthand.value === "FILE")!;
}
