/**
 * A Debian that is booted with its own systemd, as a machine beside this one: this machine's
 * own disk, which is never written, or with `BARE_DEBIAN=1` that of a bare Debian.
 *
 * @module
 */

import {
  canRun,
  hasProgram,
  type Result,
  ROOT,
  run,
  temporaryFolder,
} from "../../system/process.ts";
import { debianBase } from "../debian/root.ts";

/** Time limit of a condition, in milliseconds: on a loaded machine all takes its time. */
const PATIENCE_MS = 60_000;
/** Interval of looking at it, in milliseconds. */
const LOOK_MS = 50;
/** Whether it has the disk of a bare Debian, and tests take their time. */
export const IS_BARE: boolean = Deno.env.get("BARE_DEBIAN") === "1";
/** Packages of a bare Debian that boots, beside those of other tests. */
const BOOTS = "systemd-sysv,ulogd2";
/** The namespaces and mounts that a boot takes. */
const PROBE = `mount -t tmpfs tmpfs /mnt && cd /mnt && mkdir cgroup upper work disk &&
mount -t cgroup2 cgroup2 cgroup && mkdir cgroup/nfscribe-probe-$$ && rmdir cgroup/nfscribe-probe-$$ &&
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work disk && mount -t proc proc disk/proc`;

/** Reason why a test may be ignored, for the test's name. */
export const CAN_BOOT: boolean = Deno.uid() === 0 && hasProgram("nft") && hasProgram("ping") &&
  canRun("test", "-x", "/lib/systemd/systemd") &&
  canRun(
    ...["unshare", "--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "--cgroup"],
    ...["sh", "-c", PROBE],
  );

/** The machine; disposing switches it off and forgets what has been changed on it. */
export class BootedMachine implements AsyncDisposable {
  readonly #folder: { path: string } & AsyncDisposable;
  readonly #process: Deno.ChildProcess;

  private constructor(folder: { path: string } & AsyncDisposable, process: Deno.ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  /**
   * Boots one.
   *
   * @param files Files and folders of this machine by the path that they have there, read-only.
   */
  static async boot(files: Readonly<Record<string, string>>): Promise<BootedMachine> {
    const disk = IS_BARE ? await debianBase(BOOTS) : "/";
    const folder = await temporaryFolder();
    const process = new Deno.Command(`${ROOT}tests/install/booted/boot`, {
      args: [folder.path, disk, ...Object.entries(files).map(([to, from]) => `${from}=${to}`)],
      stdin: "piped",
    }).spawn();
    const machine = new BootedMachine(folder, process);
    await machine.#untilUp();
    return machine;
  }

  /** Runs a shell script on it as root, as one who has just logged in. */
  async run(script: string): Promise<Result> {
    const namespaces = ["-m", "-u", "-i", "-n", "-p", "-C"];
    return await run([
      ...[
        "nsenter",
        "-t",
        this.#pid()!,
        ...namespaces,
        "env",
        "-i",
        "HOME=/root",
        "LC_ALL=C.UTF-8",
      ],
      ...["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "NO_COLOR=1"],
      ...["sh", "-c", `cd /root\n${script}`],
    ]);
  }

  /**
   * Runs a script that must succeed.
   *
   * @returns What it printed.
   */
  async must(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(script);
    if (code === 0) return stdout;
    throw new Error(
      `${script}\nexit status ${code}:\n${stdout}\n${stderr}\n${await this.#messages()}`,
    );
  }

  /** Waits until a script succeeds. */
  async until(script: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while ((await this.run(script)).code !== 0) {
      if (performance.now() > end) {
        throw new Error(`Still not after ${PATIENCE_MS} ms: ${script}\n${await this.#messages()}`);
      }
      await delay(LOOK_MS);
    }
  }

  async #messages(): Promise<string> {
    return (await this.run("journalctl --no-pager -n 40")).stdout;
  }

  /** Boots it anew, in order. */
  async reboot(): Promise<void> {
    const before = this.#pid();
    await this.run("systemctl reboot");
    while (this.#pid() === before) await delay(LOOK_MS);
    await this.#untilUp();
  }

  async #untilUp(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (this.#pid() === undefined) {
      if (performance.now() > end) throw new Error("The machine does not boot");
      await delay(LOOK_MS);
    }
    // Until its first process has changed its root, its commands are not there.
    await this.until("test -d /run/systemd/system && systemctl is-system-running --wait");
  }

  #pid(): string | undefined {
    try {
      return Deno.readTextFileSync(`${this.#folder.path}/pid`).trim();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Switches it off. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close();
    await this.#process.status;
    await this.#folder[Symbol.asyncDispose]();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
