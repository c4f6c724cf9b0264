/**
 * Runs a sandbox: a process that locks itself down, is sealed, loads the user's script, and works
 * on slots until it is killed.
 *
 * Descriptors: 0 is /dev/null, 1 and 2 are a pipe for text that Deno itself prints, 3 is the shared
 * memory, 4 the socket for messages, 5 an eventfd that wakes the parent.
 */

import { EventFd } from "../../../ffi/event_fd.ts";
import { Futex } from "../../../ffi/futex.ts";
import { libc } from "../../../ffi/libc.ts";
import { SharedMemory } from "../../../ffi/shared_memory.ts";
import type { FilterModule } from "../../filter/filter.ts";
import { copyParts } from "../../bytes/memory.ts";
import type { Wakeup } from "../wakeup.ts";
import { exportProblem, TICK_MS } from "../exports.ts";
import { faultText } from "../fault.ts";
import type { FileKind } from "../imports.ts";
import { lockDown } from "../lockdown.ts";
import { FromSandbox, ToSandbox } from "../messages.ts";
import { Ring, ringBytes } from "../ring.ts";
import type { SandboxStart } from "../setup.ts";
import { SlotServer } from "../slot_server.ts";
import { Channel } from "./channel.ts";
import { closeOtherFiles, deniedGrant, dropUser, seal, warmUp } from "./seal.ts";

const MEMORY = 3;
const SOCKET = 4;
const WAKER = 5;

const channel = new Channel(SOCKET);
/** URL of the script, for positions in errors. */
let address = "file:///";

/** Receives the setup and maps the shared memory. */
function begin(): { ring: Ring; start: SandboxStart } {
  const hello = channel.expect(ToSandbox.HELLO);
  const [slots = 0, areas = 0, setupSize = 0] = hello.numbers;
  const size = { slots, areas };
  const memory = new SharedMemory(MEMORY, ringBytes(size));
  libc().close(MEMORY);
  const ring = new Ring(size, (offset, length) => memory.part(offset, length));
  return { ring, start: JSON.parse(textIn(ring, setupSize)) };
}

/** Returns a text from the transfer area. */
function textIn(ring: Ring, size: number): string {
  return new TextDecoder().decode(ring.transfer.slice(0, size));
}

/** Connects this process's and its parent's wake-ups. */
function wakeupOf(ring: Ring): Wakeup {
  const { words, index } = ring.wakeupWord;
  const futex = new Futex(words as Int32Array<ArrayBuffer>, index);
  const waker = new EventFd(WAKER);
  // Opens the futex before its loader's system calls are forbidden.
  futex.wait(ring.calls + 1, 0);
  return {
    wait: (value, timeoutMs) => futex.wait(value, timeoutMs),
    waitAsync: (value) => futex.waitAsync(value),
    ring: () => waker.signal(),
  };
}

/** Returns a function that requests a file from the parent. */
function fileReader(ring: Ring): (kind: FileKind, path: string) => string {
  return (kind, path) => {
    channel.post(FromSandbox.FILE, [], [kind, path]);
    const answer = channel.expect(ToSandbox.FILE, ToSandbox.NO_FILE);
    if (answer.type === ToSandbox.NO_FILE) throw new Error(answer.texts[0]);
    return textIn(ring, answer.numbers[0] ?? 0);
  };
}

async function main(): Promise<void> {
  const { ring, start: { setup, seal: how } } = begin();
  // The module hooks of Node's compatibility layer take 20 ms to load: only scripts need them.
  const loader = setup.script === undefined ? undefined : await import("../script.ts");
  dropUser(how);
  catchFaults();
  const { script } = setup;
  address = script ?? address;
  const denied = deniedGrant(how);
  if (denied !== undefined) {
    return channel.post(FromSandbox.REFUSED, [], ["filter.permissions", denied]);
  }
  const file = script ?? "the sandbox";
  const connection = { ring, wakeup: wakeupOf(ring), sender: channel.sender };
  await warmUp(connection.wakeup, ring.calls);
  closeOtherFiles();
  copyParts();
  let log = (message: string): void => {
    channel.sender.log(message.slice(0, 2000), []);
  };
  lockDown((message) => log(message));
  const sealNow = () => {
    seal(how);
    channel.post(FromSandbox.SEALED);
  };
  let filter: FilterModule | undefined;
  const refuse = (message: string, where = file) =>
    channel.post(FromSandbox.REFUSED, [], [where, message]);
  try {
    if (script === undefined) sealNow();
    else filter = await loader!.loadScript({ script, read: fileReader(ring), seal: sealNow });
  } catch (error) {
    return loader !== undefined && error instanceof loader.LoadError
      ? refuse(error.message, error.file)
      : refuse(faultText(error, file));
  }
  const problem = filter && exportProblem({ ...filter });
  if (problem !== undefined) return refuse(problem);
  const server = new SlotServer(setup, filter, connection);
  log = (message) => server.context.log(message);
  try {
    await filter?.start?.(server.context);
  } catch (error) {
    return refuse(`start() failed: ${faultText(error, file)}`);
  }
  const tickMs = filter?.tick === undefined ? 0 : filter.tickMs ?? TICK_MS;
  channel.post(FromSandbox.READY, [tickMs, filter?.stop === undefined ? 0 : 1]);
  await server.serve();
}

/** Prevents uncaught errors of the script from ending the process. */
function catchFaults(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    channel.sender.fault(faultText(event.reason, address));
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    channel.sender.fault(faultText(event.error, address));
  });
}

try {
  await main();
} catch (error) {
  channel.post(FromSandbox.REFUSED, [], ["the sandbox", (error as Error).message]);
}
