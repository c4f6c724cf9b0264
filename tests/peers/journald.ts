/**
 * systemd-journald with a `/run` of its own, in a mount namespace: neither this machine's journal nor
 * its files are touched.
 *
 * @module
 */

import { canRun, must, until } from "../system/process.ts";

const JOURNALD = "/lib/systemd/systemd-journald";
/** Keeps nothing on disk, and limits nothing; leaves the kernel's messages and auditing alone. */
const CONF = `[Journal]
Storage=volatile
RateLimitBurst=0
ReadKMsg=no
Audit=
ForwardToSyslog=no
ForwardToWall=no
`;
const SCRIPT = `set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
printf %s "$1" >/run/systemd/journald.conf.d/test.conf
echo ready
exec sleep infinity`;

/** Whether it can be run here; named in titles of tests. */
export const HAS_JOURNALD: boolean = canRun("test", "-s", "/etc/machine-id") &&
  canRun(JOURNALD, "--version") && canRun("journalctl", "--version") &&
  canRun("unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /run");

/** A mount namespace with a journal. */
export class Journald implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;
  #daemon: Deno.ChildProcess | undefined;

  private constructor(holder: Deno.ChildProcess) {
    this.#holder = holder;
  }

  /** Makes the namespace, without the daemon. */
  static async prepare(): Promise<Journald> {
    const holder = new Deno.Command("unshare", {
      args: ["--mount", "sh", "-c", SCRIPT, "sh", CONF],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new Journald(holder);
  }

  /** Returns a command that runs another one in the namespace. */
  inside(...command: readonly string[]): string[] {
    return ["nsenter", `--mount=/proc/${this.#holder.pid}/ns/mnt`, ...command];
  }

  /** Starts the daemon; returns once its socket is there. */
  async start(): Promise<void> {
    const [command, ...args] = this.inside(JOURNALD);
    this.#daemon = new Deno.Command(command!, { args, stdin: "null", stderr: "null" }).spawn();
    await until("the journal listens", () => canRun(...this.inside("journalctl", "--sync")));
  }

  /** Kills the daemon. */
  async kill(): Promise<void> {
    this.#daemon?.kill("SIGKILL");
    await this.#daemon?.status;
    this.#daemon = undefined;
  }

  /** Returns the entries that match, as journalctl finds them. */
  async find(...matches: readonly string[]): Promise<Record<string, string>[]> {
    await must(this.inside("journalctl", "--sync"));
    const text = await must(
      this.inside("journalctl", "--directory=/run/log/journal", "--output=json", ...matches),
    );
    return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#holder.kill();
    await this.#holder.status;
  }
}
