/**
 * Checks a script's types in a process of its own: this process dropped the necessary rights at the
 * start.
 */

import { dropAmbientCapabilities } from "../../../ffi/credentials.ts";
import { environmentVariable } from "../../../ffi/environment.ts";
import { isDenied } from "../../../ffi/files.ts";
import { libc } from "../../../ffi/libc.ts";
import { killWithGroup, limitCpu } from "../../../ffi/limits.ts";
import { linkTarget } from "../../../ffi/links.ts";
import { makePipe } from "../../../ffi/socket_pair.ts";
import { ChildProcess, type Exit } from "../../../ffi/spawn.ts";
import type { ConfigProblem } from "../../errors.ts";
import { checkerArguments, hasTypes, ownEnvironment } from "./command.ts";
import { loadError } from "./load_error.ts";
import { ScriptFiles } from "./script_files.ts";
import { SandboxWatch } from "./watch.ts";

/** Time limit of a check, in milliseconds. */
export const CHECK_MS = 60_000;
/** Limit of the CPU time of each of its processes, in seconds; all of them share two cores or more. */
const CPU_S = 120;
/** Memory limit of a check, in megabytes: evaluation of types may not terminate. */
export const HEAP_MB = 512;
/** Interval between looks for the end of the process that asked, in milliseconds. */
const ASKER_MS = 200;
/** Limit of the answer, in bytes. */
const ANSWER_MAX = 1024 * 1024;
/** `O_RDWR | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_RDWR_CLOEXEC = 2 | 0o2000000;

/** Answer of the checking process. */
export type TypeAnswer = {
  /** Files that it read: kind of import, and path relative to the script's folder. */
  requests: readonly (readonly [kind: string, path: string])[];
  /** Digests of these files. */
  digests: readonly (readonly [path: string, digest: string])[];
  /** Type errors and refused imports. */
  problems: readonly ConfigProblem[];
} | {
  /** Reason why it could not check. */
  failure: string;
};

/** Result of a check. */
export type TypeCheck =
  /** Checked files, their problems, and these as an error. */
  | { files: ScriptFiles; problems: readonly ConfigProblem[]; error: Error | undefined }
  /** Reason why they could not be checked. */
  | { failure: string }
  /** The files changed during the check. */
  | "changed";

/**
 * Returns whether types can be checked in a process: `scripts/nfscribe` started this one
 * and grants the rights for it. With rights granted by hand that one is missing.
 */
export function mayCheckTypesInProcess(): boolean {
  return hasTypes() && environmentVariable("NFSCRIBE_CACHE") !== undefined;
}

/** Returns the message about types that could not be checked. */
export function uncheckedText(failure: string): string {
  return `The types of the filter's new version could not be checked: ${failure}`;
}

/**
 * Checks a script's types in a process of its own.
 *
 * @param script Path of the script.
 * @param signal Ends the check.
 * @param limitMs Time limit, in milliseconds.
 */
export async function checkTypesInProcess(
  script: string,
  signal: AbortSignal,
  limitMs: number = CHECK_MS,
): Promise<TypeCheck> {
  let answer: TypeAnswer;
  try {
    answer = JSON.parse(await run(script, signal, limitMs));
  } catch (error) {
    return { failure: (error as Error).message };
  }
  if ("failure" in answer) return { failure: answer.failure };
  const files = new ScriptFiles(script);
  for (const [kind, path] of answer.requests) files.read(kind, path);
  const digests = await files.digests();
  const isSame = digests.size === answer.digests.length &&
    answer.digests.every(([path, digest]) => digests.get(path) === digest);
  if (!isSame) return "changed";
  const { problems } = answer;
  const text = problems.map(({ message }) => message).join("\n\n");
  const error = problems.length === 0 ? undefined : loadError(script, text);
  return { files, problems, error };
}

/**
 * Ends this process, and those that it has started, once the process that asked for the check has
 * ended, however that was: the other end of standard input is then closed.
 */
export async function endWithAsker(): Promise<never> {
  const buffer = new Uint8Array(1);
  for (;;) {
    try {
      if (await Deno.stdin.read(buffer) === null) killWithGroup();
    } catch (error) {
      // The pipe does not block, and is empty.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    }
    await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, ASKER_MS)));
  }
}

/** Runs the process to its end and returns its output. */
async function run(script: string, signal: AbortSignal, limitMs: number): Promise<string> {
  dropAmbientCapabilities();
  const own = linkTarget("/proc/self/exe");
  if (own === undefined) throw new Error("there is no /proc");
  const cache = environmentVariable("NFSCRIBE_CACHE");
  const isUsable = cache !== undefined && !isDenied(cache, ["read", "write", "search"]);
  const folder = isUsable ? cache : environmentVariable("TMPDIR") ?? "/tmp";
  const watch = new SandboxWatch(() => {});
  const [readEnd, writeEnd] = makePipe();
  // Closed by the kernel if this process is killed: the other one then ends.
  const [askedEnd, askingEnd] = makePipe();
  const nowhere = libc().open(new TextEncoder().encode("/dev/null\0"), O_RDWR_CLOEXEC);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let child: ChildProcess | undefined;
  try {
    child = new ChildProcess({
      path: "/proc/self/exe",
      args: checkerArguments(own, folder, script),
      env: {
        ...ownEnvironment(["PATH", "TMPDIR"]),
        ...isUsable && { NFSCRIBE_CACHE: cache },
        DENO_V8_FLAGS: `--max-old-space-size=${HEAP_MB}`,
      },
      descriptors: [askedEnd, writeEnd, nowhere],
    });
    limitCpu(child.pid, CPU_S);
  } finally {
    libc().close(writeEnd);
    libc().close(askedEnd);
    libc().close(nowhere);
    if (child === undefined) {
      libc().close(readEnd);
      libc().close(askingEnd);
      await watch.close();
    }
  }
  let reason: string | undefined;
  const end = (why: string) => {
    reason ??= why;
    child.killAll();
  };
  const onAbort = () => end("nfscribe ends");
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  const timer = setTimeout(() => end(tooSlow(limitMs)), limitMs);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const read = () => {
    for (;;) {
      const buffer = new Uint8Array(65_536);
      const length = Number(libc().read(readEnd, buffer, BigInt(buffer.length)));
      if (length === 0) watch.remove(readEnd);
      if (length <= 0) return;
      size += length;
      if (size > ANSWER_MAX) return end("the answer is too long");
      chunks.push(buffer.subarray(0, length));
    }
  };
  watch.add(readEnd, read);
  watch.add(child.descriptor, () => {
    if (child.exit !== undefined) resolve();
  });
  try {
    await ended;
    read();
    if (reason !== undefined || child.exit!.status !== 0) {
      throw new Error(reason ?? `deno check ended with ${statusOf(child.exit!)}`);
    }
    return new TextDecoder().decode(await new Blob(chunks).arrayBuffer());
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    watch.remove(child.descriptor);
    watch.remove(readEnd);
    await watch.close();
    child[Symbol.dispose]();
    libc().close(readEnd);
    libc().close(askingEnd);
  }
}

/** Returns the message about a check that is not done in time. */
export function tooSlow(limitMs: number): string {
  return `that takes more than ${limitMs / 1000} seconds; make them simpler`;
}

function statusOf({ status, signal }: Exit): string {
  return signal === undefined ? `status ${status}` : `signal ${signal}`;
}
