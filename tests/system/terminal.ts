/**
 * Runs programs whose output is watched, also on a terminal.
 *
 * @module
 */

import { Emulator } from "../terminal/emulator.ts";
import { hasProgram, until } from "./process.ts";

/** Whether script is available; name the reason in the test. */
export const HAS_SCRIPT: boolean = hasProgram("script");
/** The character of Ctrl-C. */
export const CTRL_C = "\x03";
/** The character of Ctrl-Z. */
export const CTRL_Z = "\x1a";

/**
 * Returns a command that runs a program on a terminal of its own, whose screen is written to a
 * pipe.
 */
export function onTerminal(command: readonly string[]): string[] {
  // A shell that stays the program's parent would die of the Ctrl-C that the program handles.
  const line = ["exec", ...command].join(" ");
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

/**
 * Returns a command that runs a shell's script on a terminal of that size. A signal of a key does not
 * end the shell.
 */
export function scriptOnTerminal(script: string, [columns, rows]: [number, number]): string[] {
  const line = `trap : INT QUIT; stty cols ${columns} rows ${rows}; ${script}`;
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

/** Returns the screen of a terminal of that size after an output. */
export function screenAfter(output: string, [columns, rows]: [number, number]): Emulator {
  const emulator = new Emulator(columns, rows);
  emulator.write(output);
  return emulator;
}

/**
 * Starts a program, and collects its output.
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
    // Colours are on, whatever the environment of the tests.
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
    /** Output so far. */
    said,
    /** Types a text. */
    type: (text: string) => input.write(new TextEncoder().encode(text)),
    /** Sends it a signal. */
    kill: (signal: Deno.Signal) => child.kill(signal),
    /** Waits for a text in the output. */
    says: (text: string) =>
      until(`it says ${text}`, () => `${said.stderr}${said.stdout}`.includes(text)),
    /** Waits for its end, and reads the rest of the output. */
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
        // It has already ended, as expected.
        if (!(error instanceof TypeError)) throw error;
      }
      await input.close().catch(() => {});
      await this.ended();
    },
  };
}
