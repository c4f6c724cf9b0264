import { assert, assertEquals, assertRejects } from "@std/assert";
import { NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { UnixSocket } from "../../ffi/unix_socket.ts";
import { InputError } from "../../src/errors.ts";
import { HandoverServer } from "../../src/handover/server.ts";
import {
  newNonce,
  takeoverAddress,
  takeoverNonce,
  takeoverRequest,
} from "../../src/handover/protocol.ts";
import { HandoverClient } from "../../src/handover/client.ts";
import { deno, ROOT, temporaryFolder } from "./process.ts";

/** A process that hands its sockets over, as the takeover sees it. */
interface Old extends AsyncDisposable {
  path: string;
  /** The connection, after the request. */
  giver: Promise<HandoverServer>;
}

/** Returns one in this same process, with a socket for counters that is not listed. */
async function oldProcess(): Promise<Old> {
  const folder = await temporaryFolder();
  const path = `${folder.path}/stats.sock`;
  const door = UnixSocket.open("stream");
  door.bind(path);
  door.listen();
  const giver = answerOne(door, path);
  giver.catch(() => {});
  return {
    path,
    giver,
    [Symbol.asyncDispose]: async () => {
      await door.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function answerOne(door: UnixSocket, path: string): Promise<HandoverServer> {
  await door.wait(5000);
  await using stats = door.accept()!;
  await stats.wait(5000);
  return await HandoverServer.answer(path, takeoverNonce(stats.receive()!.bytes)!);
}

Deno.test("a new process gets the sockets of the old one, however many, with their numbers", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/stats.sock`;
  const rights = [`--allow-net=unix:${path}`, `--allow-read=${path}`, `--allow-write=${path}`];
  const [program, ...args] = deno("--allow-ffi", ...rights, `${ROOT}tests/system/giving.ts`, path);
  const child = new Deno.Command(program!, { args, stdout: "piped" }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const portIds: number[] = JSON.parse((await output.read()).value!);
  // A silent client is answered at once, and delays no other.
  await using silent = UnixSocket.open("stream");
  silent.connect(path);
  assert(await silent.wait(1000));
  assertEquals(new TextDecoder().decode(silent.receive()!.bytes), '{"sources":{}}\n');
  await silent.wait(1000);
  assertEquals(silent.receive()!.bytes.length, 0);

  await using taker = (await HandoverClient.request(path))!;
  assertEquals(taker.pid, child.pid);
  using handed = await taker.receive(5000);
  assertEquals((await child.status).code, 0);
  await output.cancel();
  for (const group of [0, 99, 100, 249]) {
    const source = handed.take({ type: "nflog", group })!;
    assertEquals([source.name, source.expected], [`${group}`, group * 3]);
    await using socket = NetlinkSocket.adopt(source.descriptor, NETLINK_USERSOCK);
    assertEquals(socket.portId, portIds[group]);
  }
  assertEquals(handed.take({ type: "nflog", group: 0 }), undefined, "it is taken");
  assertEquals(handed.keepOnly([{ type: "nflog", group: 1 }]).length, 245);
});

Deno.test("without a listener there is nothing to take over", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/stats.sock`;
  assertEquals(await HandoverClient.request(path), undefined);
  const left = UnixSocket.open("stream");
  left.bind(path);
  await left.close();
  assertEquals(await HandoverClient.request(path), undefined, "its process is gone");
});

Deno.test("an old process that goes away before it gives is an error, not a wait", async () => {
  await using old = await oldProcess();
  await using taker = (await HandoverClient.request(old.path))!;
  await (await old.giver)[Symbol.asyncDispose]();
  const error = await assertRejects(() => taker.receive(10_000), InputError);
  assertEquals(
    error.message,
    `Cannot take over from the process at ${old.path}: process ${Deno.pid} ended before it sent its sockets; ` +
      "start without --takeover",
  );
});

Deno.test("an old process that does not get done is given up", async () => {
  await using old = await oldProcess();
  await using taker = (await HandoverClient.request(old.path))!;
  await using _giver = await old.giver;
  await assertRejects(() => taker.receive(50), InputError, "does not finish writing");
});

Deno.test("an old process continues if the new one is gone, or never came", async () => {
  await using old = await oldProcess();
  await assertRejects(() => HandoverServer.answer(old.path, newNonce()), Error, "ECONNREFUSED");
  const word = newNonce();
  await using door = UnixSocket.open("packets");
  door.bind(takeoverAddress(word));
  door.listen();
  await using stats = UnixSocket.open("stream");
  stats.connect(old.path);
  stats.send(takeoverRequest(word));
  assert(await door.wait(1000));
  await door.accept()!.close();
  await assertRejects(() => old.giver, InputError, "requested it, and disconnected");
});

Deno.test("a new process that is gone when the sockets come is an error of the old one", async () => {
  await using old = await oldProcess();
  const taker = (await HandoverClient.request(old.path))!;
  await using giver = await old.giver;
  await taker[Symbol.asyncDispose]();
  await assertRejects(
    () => Promise.try(() => giver.sendSockets([])),
    Error,
    "Cannot send to a Unix socket",
  );
});

Deno.test("sockets that come without a state, or a state without sockets, are closed", async () => {
  await using old = await oldProcess();
  await using taker = (await HandoverClient.request(old.path))!;
  await using giver = await old.giver;
  const socket = NetlinkSocket.open(NETLINK_USERSOCK);
  const { descriptor } = socket;
  const source = { name: "a", type: "nflog", group: 1, descriptor, expected: 1 };
  giver.sendSockets([source, { ...source, group: 70_000 }]);
  using handed = await taker.receive(1000);
  assertEquals(handed.take({ type: "nflog", group: 1 }), undefined);
  await socket.close();
});
