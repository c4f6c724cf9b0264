import { assertEquals } from "@std/assert";
import { deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Returns the permissions left after a program dropped them, as a list of `permission value`. */
async function leftOf(
  folder: string,
  flags: readonly string[],
  granted = "{}",
  options = "",
): Promise<string[]> {
  const program = `import { giveUpRights } from "${ROOT}src/cli/rights.ts";
import { checkConfig } from "${ROOT}src/config/config.ts";
const config = checkConfig({
  source: [{ type: "nflog", group: 1 }],
  filter: { script: "${folder}/scripts/filter.ts", permissions: ${granted} },
  output: { pcap: { path: "${folder}/out/t.pcap", ${options} } },
}, "test");
giveUpRights(config, undefined);
const left = [];
const look = (name, key, value) => {
  if (Deno.permissions.querySync({ name, [key]: value }).state === "granted") left.push(name + " " + value);
};
for (const path of ["/scripts/filter.ts", "/out/t.pcap", "/other"]) {
  look("read", "path", "${folder}" + path);
  look("write", "path", "${folder}" + path);
}
look("read", "path", "${ROOT}src");
look("ffi", "path", "/lib/x86_64-linux-gnu/libc.so.6");
look("run", "command", "deno");
look("sys", "kind", "hostname");
look("sys", "kind", "statfs");
look("net", "host", "127.0.0.1:1");
console.log(JSON.stringify(left));`;
  const said = await must(deno(...flags, "-"), program);
  return JSON.parse(said).map((right: string) =>
    right.replace(folder, "").replace(ROOT, "/nfscribe/")
  );
}

/** Needed for the memory of new sandboxes. */
const FFI = "ffi /lib/x86_64-linux-gnu/libc.so.6";
const RIGHTS = ["--allow-ffi", "--allow-run=deno", "--allow-sys=hostname", "--allow-net"];

Deno.test("nfscribe gives up all rights but those that a new sandbox and opening files anew take", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const flags = [
    ...RIGHTS,
    `--allow-read=${path}/scripts,${path}/out/t.pcap`,
    `--allow-write=${path}/out/t.pcap`,
  ];
  const left = [
    "read /scripts/filter.ts",
    "read /out/t.pcap",
    "write /out/t.pcap",
    FFI,
  ];
  assertEquals(await leftOf(path, flags), left);
  // The sandbox has the granted permission, and nfscribe itself does not keep it.
  assertEquals(await leftOf(path, flags, `{ net: ["127.0.0.1:1"] }`), left);
});

Deno.test("nfscribe keeps permissions that it cannot narrow: to a folder, and to everything", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const wide = [`--allow-read=${path}`, `--allow-write=${path}`];
  const left = [
    "read /scripts/filter.ts",
    "write /scripts/filter.ts",
    "read /out/t.pcap",
    "write /out/t.pcap",
    "read /other",
    "write /other",
  ];
  assertEquals(await leftOf(path, [...RIGHTS, ...wide]), [...left, FFI]);
  const all = await leftOf(path, [...RIGHTS, "--allow-read", "--allow-write"]);
  assertEquals(all, [...left, "read /nfscribe/src", FFI]);
});

Deno.test("nfscribe keeps asking for free space where an output needs it, and for nothing else", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const flags = [`--allow-read=${path},${ROOT}`, "--allow-sys=hostname,statfs"];
  const sys = async (options: string) =>
    (await leftOf(path, flags, "{}", options)).filter((right) => right.startsWith("sys"));
  assertEquals(await sys(""), []);
  assertEquals(await sys("rotate_size: 4096, free_space: 4096"), ["sys statfs"]);
});

Deno.test("the C library and a socket stay usable after their permissions were dropped", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/s`;
  const program = `import { NETLINK_USERSOCK, NetlinkSocket } from "${ROOT}ffi/netlink_socket.ts";
await using before = NetlinkSocket.open(NETLINK_USERSOCK);
const listener = Deno.listen({ transport: "unix", path: "${socket}" });
const met = Deno.connect({ transport: "unix", path: "${socket}" });
for (const name of ["ffi", "net", "read", "write"]) Deno.permissions.revokeSync({ name });
await using after = NetlinkSocket.open(NETLINK_USERSOCK);
before.bind();
using accepted = await listener.accept();
using connection = await met;
await connection.write(new Uint8Array([7]));
const got = new Uint8Array(1);
await accepted.read(got);
console.log(before.portId > 0, after.descriptor > 0, got[0]);
listener.close();`;
  const flags = ["--allow-ffi", `--allow-net=unix:${socket}`];
  const said = await must(
    deno(...flags, `--allow-read=${socket}`, `--allow-write=${socket}`, "-"),
    program,
  );
  assertEquals(said, "true true 7\n");
  const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assertEquals(left, [], "the socket's file is removed all the same");
});

Deno.test("a path with a comma, which Deno's flags cannot name, is refused before anything is granted", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/x,y.log`;
  const options = ["run", "--group", "1", "--logemu", path];
  assertEquals(await run([`${ROOT}scripts/nfscribe`, ...options]), {
    code: 2,
    stdout: "",
    stderr: `nfscribe: ${path}: Deno's flags cannot name a path with a comma; choose another one\n`,
  });
});
