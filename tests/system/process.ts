/**
 * Runs other programs, including nfscribe, for tests.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { fromFileUrl } from "../../src/text/file_url.ts";

/** The project's folder. */
export const ROOT: string = fromFileUrl(new URL("../../", import.meta.url).href);

/** Result of a program. */
export interface Result {
  /** Its exit status. */
  code: number;
  /** Its standard output. */
  stdout: string;
  /** Its standard error. */
  stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param command The program and its arguments.
 * @param stdin Its standard input.
 * @returns Its result, however it ended.
 */
export async function run(command: readonly string[], stdin = ""): Promise<Result> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  } catch (error) {
    // A program may end without reading.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a program that must succeed.
 *
 * @param command The program and its arguments.
 * @param stdin Its standard input.
 * @returns Its standard output.
 * @throws {Error} If it fails; the message contains its output.
 */
export async function must(command: readonly string[], stdin = ""): Promise<string> {
  const { code, stdout, stderr } = await run(command, stdin);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit status ${code}: ${stderr}`);
  return stdout;
}

/**
 * Returns the command line that runs a Deno module, or a program on standard input if the last
 * argument is `-`.
 */
export function deno(...args: readonly string[]): string[] {
  return [Deno.execPath(), "run", "--quiet", "--no-prompt", ...args];
}

/** Returns the same command, in a folder. */
export function inFolder(path: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'cd "$0" && exec "$@"', path, ...command];
}

/**
 * Returns the prefix for a program that writes into a user's home, as shells do: settings, history.
 *
 * @param home The folder to use as its home.
 */
export async function atHome(home: string): Promise<string[]> {
  // It fetches nothing again.
  const { denoDir } = JSON.parse(await must([Deno.execPath(), "info", "--json"]));
  const folders = ["CONFIG", "DATA", "STATE", "CACHE"].flatMap((
    kind,
  ) => ["-u", `XDG_${kind}_HOME`]);
  const unset = [...folders, "-u", "HISTFILE", "-u", "ZDOTDIR"];
  return ["env", ...unset, `HOME=${home}`, `DENO_DIR=${denoDir}`];
}

/** Returns whether something is at a path, be it a link that leads nowhere. */
export function exists(path: string | URL): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Returns whether the search path has such a program. */
export function hasProgram(name: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Returns whether a program succeeds here; for rights that a container may lack.
 *
 * @param command The program and its arguments.
 */
export function canRun(...command: readonly string[]): boolean {
  const [program, ...args] = command;
  try {
    const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    return new Deno.Command(program!, options).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * tcpdump, to be followed by its arguments. Started by root, it changes to a user of its own, which
 * fails if there is no such user: in a user namespace without any it does not try.
 */
export const TCPDUMP: readonly string[] = ["unshare", "--user", "tcpdump"];
/** Whether tcpdump is available; name the reason in the test. */
export const HAS_TCPDUMP: boolean = canRun(...TCPDUMP, "--version");
/**
 * Whether user namespaces are available: some systems, and processes with a changed root folder
 * (chroot), have none.
 */
export const HAS_USER_NAMESPACES: boolean = canRun("unshare", "--user", "--map-root-user", "true");

/**
 * Waits until a condition holds.
 *
 * @param what The condition, for the error's message.
 * @param holds Returns whether it holds.
 * @param deadlineMs Time limit in milliseconds.
 * @throws {Error} If it does not hold in time.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await delay(10);
  }
}

/** Creates a folder for a test; disposing removes it. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "nfscribe-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
