/**
 * A shell that types what a document says.
 *
 * @module
 */

import { must, ROOT, temporaryFolder } from "../system/process.ts";

/** Commands at work. */
export interface Typed {
  /** Reason why they did not come to their end. */
  failure?: string;
  /** Returns their standard output and standard error so far. */
  said(): string;
}

/** Options of a shell. */
export interface ShellOptions {
  /** Further environment variables. */
  env?: Readonly<Record<string, string>>;
  /** Whether it runs in the network namespace of the test, where the test's servers are. */
  sharesNetwork?: boolean;
  /** The machine that it runs on; this one by default. */
  machine?: Machine;
}

/** A machine beside this one. */
export interface Machine {
  /**
   * Makes the words that run bash there, in a session of its own.
   *
   * @param folder A folder of this machine, which is there by the same path.
   */
  bash(folder: string): string[];
}

/** A network namespace of its own. */
const IN_NAMESPACE = `${ROOT}scripts/in_namespace`;
/** Bash on a host called `fw` where it may say so, with mounts of its own, in a session of its own. */
const BASH = `unshare --uts --mount sh -c \
  '(echo fw > /proc/sys/kernel/hostname) 2>/dev/null; exec setsid bash --noprofile --norc'`;

/** Ends the processes of a session; in `stat`, the session stands behind the name, state and two ids. */
const END_SESSION = `session=$1
for process in /proc/[0-9]*; do
  read -r stat 2>/dev/null < $process/stat || continue
  set -- \${stat##*) }
  [ "$4" != "$session" ] || kill -KILL \${process#/proc/} 2>/dev/null || :
done`;

/** A shell that types commands, each into files of its own. */
export class Shell implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #papers: { path: string } & AsyncDisposable;
  #count = 0;

  private constructor(child: Deno.ChildProcess, papers: { path: string } & AsyncDisposable) {
    this.#child = child;
    this.#answers = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#papers = papers;
  }

  /** Starts one in a folder; disposing ends it with all that it started. */
  static async start(folder: string, options: ShellOptions = {}): Promise<Shell> {
    const papers = await temporaryFolder();
    await Deno.symlink(`${ROOT}scripts/nfscribe`, `${papers.path}/nfscribe`);
    const [program, ...args] = options.machine?.bash(papers.path) ??
      ["sh", "-c", `exec ${options.sharesNetwork ? "" : IN_NAMESPACE} ${BASH}`];
    const child = new Deno.Command(program!, {
      args,
      cwd: folder,
      env: {
        ...options.env,
        ROOT: ROOT.replace(/\/$/, ""),
        PATH: `${papers.path}:${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const started = new Shell(child, papers);
    // Jobs have process groups of their own, as on a terminal.
    const { failure } = await started.type("set -eu -o pipefail -m", 5000);
    if (failure === undefined) return started;
    await started[Symbol.asyncDispose]();
    throw new Error(`Cannot start the shell of a document: ${failure}`);
  }

  /**
   * Runs commands, the first that fails being the last.
   *
   * @param text Them.
   * @param deadlineMs How long they may take, in milliseconds.
   */
  async type(text: string, deadlineMs: number): Promise<Typed> {
    const paper = `${this.#papers.path}/${this.#count++}`;
    const printed = `${paper}.out`;
    await Deno.writeTextFile(paper, text);
    await Deno.writeTextFile(printed, "");
    const said = () => Deno.readTextFileSync(printed);
    let ending: Promise<void> | undefined;
    const timer = setTimeout(() => ending = this.#end(), deadlineMs);
    const writer = this.#child.stdin.getWriter();
    const order = `. ${paper} </dev/null >${printed} 2>&1\necho done\n`;
    await writer.write(new TextEncoder().encode(order));
    writer.releaseLock();
    const { done } = await this.#answers.read();
    clearTimeout(timer);
    await ending;
    if (!done) return { said };
    const { code, signal } = await this.#child.status;
    const failure = signal === null ? `exit status ${code}` : `not done after ${deadlineMs} ms`;
    return { failure, said };
  }

  /** Ends every process of the session. */
  async #end(): Promise<void> {
    await must(["sh", "-c", END_SESSION, "sh", String(this.#child.pid)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.#child.status;
    await this.#child.stdin.close().catch(() => {});
    await this.#answers.cancel();
    await this.#papers[Symbol.asyncDispose]();
  }
}
