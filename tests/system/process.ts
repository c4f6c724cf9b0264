/**
 * Other programs, nfscribe itself among them, as tests start them.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";

/** The project's folder. */
export const ROOT: string = fromFileUrl(new URL("../../", import.meta.url).href);

/** What a program did. */
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
 * @param stdin What it reads.
 * @returns What it did, however it ended.
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
 * @param stdin What it reads.
 * @returns Its standard output.
 * @throws {Error} If it fails; the message holds what it said.
 */
export async function must(command: readonly string[], stdin = ""): Promise<string> {
  const { code, stdout, stderr } = await run(command, stdin);
  if (code !== 0) throw new Error(`${command.join(" ")}: exit status ${code}: ${stderr}`);
  return stdout;
}

/** The words that run a Deno module, or a program on standard input where the last one is `-`. */
export function deno(...args: readonly string[]): string[] {
  return [Deno.execPath(), "run", "--quiet", "--no-prompt", ...args];
}

/**
 * The words before a program that writes into a user's home, as shells do: settings,
 * history.
 *
 * @param home The folder that is its home instead.
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

/** Whether there is such a program in the search path. */
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
 * Whether a program succeeds here; for rights that a container may not give.
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
 * tcpdump, to be followed by its arguments. Started by root, it changes to a user
 * of its own, which fails where there is no such user: in a user namespace without
 * any it does not try.
 */
export const TCPDUMP: readonly string[] = ["unshare", "--user", "tcpdump"];
/** Why a test may be ignored; put it into the test's name. */
export const HAS_TCPDUMP: boolean = canRun(...TCPDUMP, "--version");
/** The same: some systems, and whoever changed its root folder (chroot), get no user namespace. */
export const HAS_USER_NAMESPACES: boolean = canRun("unshare", "--user", "--map-root-user", "true");

/**
 * Waits until something holds.
 *
 * @param what It, for the error's message.
 * @param holds Whether it holds by now.
 * @param deadlineMs How long at the most, in milliseconds.
 * @throws {Error} If it does not hold in time.
 */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A folder of its own for a test; disposing removes it. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "nfscribe-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
