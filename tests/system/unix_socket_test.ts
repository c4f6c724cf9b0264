import { assert, assertEquals, assertThrows } from "@std/assert";
import { closeDescriptor } from "../../ffi/descriptor.ts";
import { makeMemoryFile, readMemoryFile, writeMemoryFile } from "../../ffi/memory_file.ts";
import { ownUser, UnixSocket } from "../../ffi/unix_socket.ts";
import { NetlinkError } from "../../src/errors.ts";
import { temporaryFolder } from "./process.ts";

const TEXT = new TextEncoder().encode("some text");

function freshName(): string {
  return `@nfscribe-test-${crypto.randomUUID()}`;
}

/** Returns two ends of one connection. */
async function connected(): Promise<[UnixSocket, UnixSocket]> {
  await using door = UnixSocket.open("packets");
  const name = freshName();
  door.bind(name);
  door.listen();
  const client = UnixSocket.open("packets");
  client.connect(name);
  assert(await door.wait(1000));
  return [client, door.accept()!];
}

Deno.test("a Unix socket receives what another one sends to its name", async () => {
  await using receiver = UnixSocket.open("datagram");
  await using sender = UnixSocket.open("datagram");
  const to = freshName();
  receiver.bind(to);
  assertEquals(receiver.receive(), undefined);
  for (const text of ["first", "second"]) sender.send(new TextEncoder().encode(text), [], { to });
  const texts = [1, 2].map(() => new TextDecoder().decode(receiver.receive()!.bytes));
  assertEquals(texts, ["first", "second"]);
});

Deno.test("a Unix socket at a path is a file that only its user may open", async () => {
  await using folder = await temporaryFolder();
  await using socket = UnixSocket.open("datagram");
  const path = `${folder.path}/socket`;
  socket.bind(path);
  const { mode, isSocket } = await Deno.stat(path);
  assertEquals([mode! & 0o777, isSocket], [0o600, true]);
  assertThrows(() => socket.bind(path), NetlinkError, `Cannot make the Unix socket ${path}`);
});

Deno.test("descriptors that are sent are open at the other end, and stay open at this one", async () => {
  const [here, there] = await connected();
  await using _here = here;
  await using _there = there;
  const files = Array.from({ length: 100 }, () => makeMemoryFile("test"));
  files.forEach((file, index) => writeMemoryFile(file, new TextEncoder().encode(`${index}`)));
  here.send(TEXT, files);
  const { bytes, descriptors } = there.receive()!;
  assertEquals(bytes, TEXT);
  assertEquals(descriptors.length, 100);
  assertEquals(descriptors.some((fd) => files.includes(fd)), false);
  const read = (fd: number) => new TextDecoder().decode(readMemoryFile(fd));
  assertEquals(descriptors.map(read), files.map((_, index) => `${index}`));
  files.forEach(closeDescriptor);
  assertEquals(read(descriptors[7]!), "7");
  descriptors.forEach(closeDescriptor);
});

Deno.test("messages keep their bounds, and the end of a connection is an empty one", async () => {
  const [here, there] = await connected();
  await using _there = there;
  for (let length = 1; length < 100; length++) here.send(new Uint8Array(length));
  for (let length = 1; length < 100; length++) assertEquals(there.receive()!.bytes.length, length);
  assertEquals(there.receive(), undefined);
  await here.close();
  assert(await there.wait(1000));
  assertEquals(there.receive()!.bytes.length, 0);
  const error = assertThrows(() => there.send(TEXT), NetlinkError);
  assertEquals(error.code, "EPIPE", "and no signal");
});

Deno.test("a connection returns the peer's credentials", async () => {
  const [here, there] = await connected();
  await using _here = here;
  await using _there = there;
  for (const { peer } of [here, there]) {
    assertEquals([peer.pid, peer.uid], [Deno.pid, ownUser()]);
  }
});

Deno.test("connecting without a listener is a NetlinkError with its code", async () => {
  await using socket = UnixSocket.open("stream");
  const refused = assertThrows(() => socket.connect(freshName()), NetlinkError);
  assertEquals(refused.code, "ECONNREFUSED");
  const absent = assertThrows(() => socket.connect("/nonexistent/socket"), NetlinkError);
  assertEquals(absent.code, "ENOENT");
});

Deno.test("an address that is too long is refused before it is cut", async () => {
  await using socket = UnixSocket.open("datagram");
  assertThrows(() => socket.bind(`/tmp/${"x".repeat(103)}`), RangeError, "use a shorter path");
  socket.bind(`@${"x".repeat(107)}`.slice(0, 100) + crypto.randomUUID().slice(0, 8));
});

Deno.test("a wait ends when its time is up", async () => {
  await using socket = UnixSocket.open("datagram");
  socket.bind(freshName());
  const start = performance.now();
  assertEquals(await socket.wait(30), false);
  assert(performance.now() - start >= 25);
});

Deno.test("a file in memory is read whole, wherever its offset is", () => {
  const file = makeMemoryFile("test");
  writeMemoryFile(file, new Uint8Array(100_000).fill(7));
  writeMemoryFile(file, new Uint8Array([1, 2]));
  assertEquals(readMemoryFile(file).length, 100_000);
  assertEquals([...readMemoryFile(file).subarray(0, 3)], [1, 2, 7]);
  closeDescriptor(file);
  assertThrows(() => readMemoryFile(file), NetlinkError);
});
