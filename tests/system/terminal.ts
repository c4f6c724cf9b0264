/**
 * Programs that are watched while they run, and that run on a terminal.
 *
 * @module
 */

import { hasProgram, until } from "./process.ts";

/** Why a test may be ignored; put it into the test's name. */
export const HAS_SCRIPT: boolean = hasProgram("script");
/** What Ctrl-C types. */
export const CTRL_C = "\x03";

/** The words that run a program on a terminal of its own: what it shows comes out of a pipe. */
export function onTerminal(command: readonly string[]): string[] {
  // A shell that stays above the program dies of the Ctrl-C that the program understands.
  const line = ["exec", ...command].join(" ");
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

/**
 * Starts a program; what it says is kept as it comes.
 *
 * @param command The program and its arguments.
 * @param options Whether its standard output is read before its end.
 */
export function start(command: readonly string[], { reads = true } = {}) {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Colours are wanted, whatever those want who run the tests.
    env: { NO_COLOR: "" },
  }).spawn();
  const input = child.stdin.getWriter();
  const said = { stdout: "", stderr: "" };
  const collect = async (name: "stdout" | "stderr") => {
    for await (const text of child[name].pipeThrough(new TextDecoderStream())) said[name] += text;
  };
  const errors = collect("stderr");
  let lines = reads ? collect("stdout") : undefined;
  return {
    /** What it has said so far. */
    said,
    /** Types something. */
    type: (text: string) => input.write(new TextEncoder().encode(text)),
    /** Sends it a signal. */
    kill: (signal: Deno.Signal) => child.kill(signal),
    /** Waits until it has said something. */
    says: (text: string) =>
      until(`it says ${text}`, () => `${said.stderr}${said.stdout}`.includes(text)),
    /** Waits for its end, and reads what nobody has read. */
    async ended() {
      lines ??= collect("stdout");
      const { code } = await child.status;
      await Promise.all([errors, lines]);
      return { code, ...said };
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It is gone already, as it should be.
        if (!(error instanceof TypeError)) throw error;
      }
      await input.close().catch(() => {});
      await this.ended();
    },
  };
}
