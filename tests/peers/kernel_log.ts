/**
 * Output of the kernel's LOG target, from the kernel log.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { canRun, hasProgram, must, until } from "../system/process.ts";

const KMSG = "/dev/kmsg";
/** Whether the LOG target prints for other network namespaces too. */
const LOG_ALL = "net.netfilter.nf_log_all_netns";

/**
 * Walks up to an ancestor that is in the initial network namespace, which alone has the setting,
 * and prints its id.
 */
const FIND_INITIAL = `
pid=$$
while [ "$pid" -gt 0 ]; do
  nsenter --target "$pid" --net sysctl -n ${LOG_ALL} >/dev/null 2>&1 && echo "$pid" && exit
  pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
done
exit 1`;

/** Whether the kernel log is accessible; name the reason in the test. */
export const HAS_KERNEL_LOG: boolean = canRun("sh", "-c", FIND_INITIAL) &&
  hasProgram("flock") &&
  canRun("dd", `if=${KMSG}`, "of=/dev/null", "count=1", "iflag=nonblock");

/** Follows lines of the kernel log; disposing stops reading, and restores the setting. */
export interface KernelLog extends AsyncDisposable {
  /** Lines that contain the text, without level and time. */
  readonly lines: readonly string[];
}

/**
 * Follows the kernel log from now on.
 *
 * @param text Text of the lines to keep, such as a device's name.
 * @returns The lines, to which new ones are added.
 */
export async function followKernelLog(text: string): Promise<KernelLog> {
  const initial = (await must(["sh", "-c", FIND_INITIAL])).trim();
  const sysctl = (...args: string[]) =>
    must(["nsenter", "--target", initial, "--net", "sysctl", ...args]);
  // cat fails if the log was overwritten before it was read: no line is lost unnoticed. The lock
  // serializes runs of these tests on one machine, because they share the setting.
  const child = new Deno.Command("flock", {
    args: ["--no-fork", KMSG, "cat", KMSG],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines: string[] = [];
  let disposed = false;
  let awake = false;
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      awake = true;
      const parts = (rest + chunk).split("\n");
      rest = parts.pop()!;
      for (const part of parts) {
        const message = /^\d+,\d+,\d+,[^;]*;(.*)$/.exec(part)?.[1];
        if (message?.includes(text)) lines.push(unescape(message));
      }
    }
    if (!disposed) throw new Error("The kernel log was overwritten before it was read");
  })();
  // Reported at the end, when everything is removed.
  reading.catch(() => {});
  const stop = async () => {
    disposed = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself, which `reading` reports.
    }
    await child.status;
    await reading;
  };
  try {
    await until("the kernel log is read", () => awake, 60_000);
    // Lines of earlier tests that it still holds are read at once.
    await delay(300);
    lines.length = 0;
  } catch (error) {
    await stop();
    throw error;
  }
  const before = (await sysctl("-n", LOG_ALL)).trim();
  await sysctl("-w", `${LOG_ALL}=1`);
  return {
    lines,
    async [Symbol.asyncDispose]() {
      await sysctl("-w", `${LOG_ALL}=${before}`);
      await stop();
    },
  };
}

const UTF8 = new TextDecoder();

/**
 * Decodes the kernel log's escapes: control characters, bytes above 126 and backslashes as `\x` and
 * two digits.
 */
function unescape(text: string): string {
  if (!text.includes("\\x")) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const escaped = /^\\x([0-9a-f]{2})/.exec(text.slice(at, at + 4));
    bytes.push(escaped ? parseInt(escaped[1]!, 16) : text.charCodeAt(at));
    if (escaped) at += 3;
  }
  return UTF8.decode(new Uint8Array(bytes));
}
