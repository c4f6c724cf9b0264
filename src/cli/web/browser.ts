/** Opens the page in the desktop's browser. */

import { messageOf } from "../../errors.ts";
import { descriptor, type Need, variable } from "../../permission.ts";
import { pause } from "../../web/server/tail.ts";

/** The program of desktops that opens addresses (xdg-utils). */
const PROGRAM = "xdg-open";
/** Variable with the folder of a session, which is its user's alone (XDG Base Directory). */
const SESSION_FOLDER = "XDG_RUNTIME_DIR";
/** Time for a browser to start and to read the file, in milliseconds. */
const KEPT_MS = 60_000;
const BY_HAND = "open the address by hand";

/**
 * Returns the rights to start it, and to make and remove a file in the session's folder.
 *
 * @param port Port of the page, by which files of several differ.
 */
export function openNeeds(port: number): Need[] {
  const file = fileOf(port);
  const why = "--open";
  return [
    { name: "run", value: PROGRAM, why },
    { name: "env", value: SESSION_FOLDER, why },
    ...file === undefined ? [] : [{ name: "write", value: file, why } as const],
  ];
}

function fileOf(port: number): string | undefined {
  const folder = variable(SESSION_FOLDER);
  return folder?.startsWith("/") ? `${folder}/nfscribe-web-${port}.html` : undefined;
}

/** Page that goes on to the address: every user can read the arguments of a program, not its file. */
export class OpenedPage {
  readonly #file: string | undefined;
  readonly #needs: readonly Need[];
  readonly #warn: (message: string) => void;

  /**
   * Finds its place while there is the right to read the environment.
   *
   * @param port As in {@linkcode openNeeds}.
   * @param warn Takes the reason if the browser cannot be opened: the address is printed, too.
   */
  constructor(port: number, warn: (message: string) => void) {
    this.#file = fileOf(port);
    this.#needs = openNeeds(port);
    this.#warn = warn;
  }

  /**
   * Opens an address, and gives up the rights to once the browser has had time to read the file.
   *
   * @param signal Aborted to remove the file at once.
   */
  async open(url: string, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const refuse = (why: string) => {
      this.#warn(`Cannot open a browser: ${why}; ${BY_HAND}`);
      failed.abort();
    };
    try {
      if (this.#file === undefined) {
        return refuse(`${SESSION_FOLDER}, the folder of a desktop's session, is not set`);
      }
      write(this.#file, url);
      const child = new Deno.Command(PROGRAM, {
        args: [this.#file],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      // It may be the browser itself, and run for longer than this.
      child.unref();
      void child.status.then(({ success }) => success || refuse(`${PROGRAM} failed`));
      await pause(KEPT_MS, AbortSignal.any([signal, failed.signal]));
    } catch (error) {
      refuse(`${PROGRAM}: ${messageOf(error)}`);
    } finally {
      if (this.#file !== undefined) remove(this.#file);
      for (const need of this.#needs) Deno.permissions.revokeSync(descriptor(need));
    }
  }
}

function write(file: string, url: string): void {
  remove(file);
  // Never through a link, never over another file.
  using opened = Deno.openSync(file, { createNew: true, write: true, mode: 0o600 });
  const { href } = new URL(url);
  opened.writeSync(
    new TextEncoder().encode(
      `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${href}">` +
        "<title>nfscribe</title>\n",
    ),
  );
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It is gone, or the folder is.
  }
}
