/**
 * Checks a script's types in a process of its own: this process dropped the necessary rights at the
 * start.
 *
 * @module
 */

import { dropAmbientCapabilities } from "../../../ffi/credentials.ts";
import { environmentVariable } from "../../../ffi/environment.ts";
import { isDenied } from "../../../ffi/files.ts";
import { libc } from "../../../ffi/libc.ts";
import { linkTarget } from "../../../ffi/links.ts";
import { makePipe } from "../../../ffi/socket_pair.ts";
import { ChildProcess, type Exit } from "../../../ffi/spawn.ts";
import type { ConfigProblem } from "../../errors.ts";
import { checkerArguments, hasTypes, ownEnvironment } from "./command.ts";
import { loadError } from "./load_error.ts";
import { ScriptFiles } from "./script_files.ts";
import { SandboxWatch } from "./watch.ts";

/** Time limit of a check, in milliseconds. */
const CHECK_MS = 60_000;
/** Memory limit of a check, in megabytes: evaluation of types may not terminate. */
const HEAP_MB = 512;
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
  /** Checked files, and their error. */
  | { files: ScriptFiles; error: Error | undefined }
  /** Reason why they could not be checked. */
  | { failure: string }
  /** The files changed during the check. */
  | "changed";

/**
 * Whether types can be checked in a process: `scripts/nfscribe` started this one and grants the
 * rights for it. With rights granted by hand that one is missing.
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
 */
export async function checkTypesInProcess(script: string, signal: AbortSignal): Promise<TypeCheck> {
  let answer: TypeAnswer;
  try {
    answer = JSON.parse(await run(script, signal));
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
  return { files, error: problems.length === 0 ? undefined : loadError(script, text) };
}

/** Runs the process to its end and returns its output. */
async function run(script: string, signal: AbortSignal): Promise<string> {
  dropAmbientCapabilities();
  const own = linkTarget("/proc/self/exe");
  if (own === undefined) throw new Error("there is no /proc");
  const cache = environmentVariable("NFSCRIBE_CACHE");
  const isUsable = cache !== undefined && !isDenied(cache, ["read", "write", "search"]);
  const folder = isUsable ? cache : environmentVariable("TMPDIR") ?? "/tmp";
  const watch = new SandboxWatch(() => {});
  const [readEnd, writeEnd] = makePipe();
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
      descriptors: [nowhere, writeEnd, nowhere],
    });
  } finally {
    libc().close(writeEnd);
    libc().close(nowhere);
    if (child === undefined) {
      libc().close(readEnd);
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
  const timer = setTimeout(() => end(`it takes more than ${CHECK_MS / 1000} seconds`), CHECK_MS);
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
  }
}

function statusOf({ status, signal }: Exit): string {
  return signal === undefined ? `status ${status}` : `signal ${signal}`;
}
