/**
 * Changes the user as nfscribe does: sets the effective user, goes back to open a socket, then
 * drops everything, with threads created before and after. Prints a line for each step; waits for a
 * line on standard input before it drops, and for the end of its input before it exits. The
 * arguments are the user's and the group's id, and a folder in which `link` leads to a file of
 * root.
 *
 * @module
 */

import { NETLINK_NETFILTER, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { PollFds } from "../../ffi/layout.ts";
import { libc } from "../../ffi/libc.ts";
import { Privileges } from "../../src/privileges/privileges.ts";
import { credentialsOf } from "../../src/privileges/user.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";

const [user, group] = Deno.args.map(Number);
const folder = Deno.args[2]!;

/** Starts a web Worker, which keeps a thread of its own. */
function worker(): Promise<unknown> {
  const code = "postMessage(0); setInterval(() => {}, 1e3)";
  const { promise, resolve } = Promise.withResolvers();
  const made = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" });
  made.onmessage = resolve;
  return promise;
}

/** Calls the C library on several threads of Deno's pool. */
async function poll(count: number): Promise<void> {
  await using socket = NetlinkSocket.open(NETLINK_NETFILTER);
  const { bytes } = new PollFds([socket.descriptor]);
  await Promise.all(Array.from({ length: count }, () => libc().poll(bytes, 1n, 100)));
}

/** Binds a group; needs root. */
async function bind(name: string): Promise<void> {
  const options = {
    group: 980,
    copyRange: 0,
    queueThreshold: 1,
    queueTimeoutMs: 10,
    bufferSize: 65536,
  };
  try {
    await (await NflogReader.open(options, () => {})).close();
    console.log(`${name}: bound`);
  } catch (error) {
    console.log(`${name}: ${(error as Error).message.split(";")[0]}`);
  }
}

/** Opens a file of root in two ways. */
async function append(name: string): Promise<void> {
  const attempts = [
    () => Deno.writeTextFileSync(`${folder}/link`, "x", { append: true }),
    () => Deno.writeTextFile(`${folder}/link`, "x", { append: true }),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
      console.log(`${name}: opened`);
    } catch (error) {
      console.log(`${name}: ${(error as Error).name}`);
    }
  }
}

await worker();
await poll(2);
try {
  const credentials = credentialsOf({ user: user!, group: group! }, "test")!;
  const privileges = Privileges.lower(credentials);
  Deno.writeTextFileSync(`${folder}/made`, "");
  await append("lowered");
  await bind("lowered");
  await privileges.raised(() => bind("raised"));
  console.log("lowered");
  await Deno.stdin.read(new Uint8Array(1));
  privileges.drop({ warn: (message) => console.log(`warning: ${message}`) });
  // A socket that was opened before stays usable.
  Deno.permissions.revokeSync({ name: "ffi" });
  await append("dropped");
  await bind("dropped");
  await worker();
  await poll(6);
  console.log("dropped");
} catch (error) {
  console.log(`failed: ${(error as Error).message}`);
}
await Deno.stdin.read(new Uint8Array(1));
Deno.exit();
