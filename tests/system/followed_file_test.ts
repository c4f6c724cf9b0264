/**
 * `nfscribe run` with a capture file that grows, and that other users may change.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { deno, must, ROOT, temporaryFolder, until } from "./process.ts";

const RECORD = fileRecord(ipv4(17, udp(53, new Uint8Array(9))));
const CAPTURE = concat(fileHeader(), RECORD);

Deno.test("who may change a followed file ends neither its source nor the others", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  for (const name of ["theirs", "other", "closed"]) await Deno.mkdir(`${path}/${name}`);
  for (const name of ["theirs/a", "other/b"]) await Deno.writeFile(`${path}/${name}`, CAPTURE);
  const source = (file: string) => `[[source]]\ntype = "pcap"\npath = "${file}"\nfollow = true\n`;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `${source("theirs/a")}${source("other/b")}[output.logemu]\npath = "lines"\nhostname = "fw"\n`,
  );
  const file = `${path}/nfscribe.toml`;
  const look = ["--allow-read", "--allow-env", "--allow-ffi", `${ROOT}main.ts`, "run", "--flags"];
  const rights = (await must(deno(...look, "-c", file))).trim().split("\n");
  const [command, ...args] = deno(...rights, `${ROOT}main.ts`, "run", "-c", file);
  const child = new Deno.Command(command!, { args, stdin: "null", stderr: "piped" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const written = () => Deno.readTextFile(`${path}/lines`).catch(() => "");
  const count = async () => (await written()).split("\n").length - 1;
  const theirs = (text: string) => must(["sh", "-euc", `cd ${path}/theirs; ${text}`]);
  await until("both are read", async () => await count() === 2);
  const changes = [
    // A link to itself, to what nfscribe has no right to, to a device.
    "rm a; ln -s a a",
    "rm a; cp a.1 ../closed/x; ln -s ../closed/x a",
    "rm a; ln -s /dev/zero a",
    "rm a; mkfifo a",
    "rm a; mkdir a",
    "rmdir a; head -c 4096 /dev/urandom > a",
    "{ head -c 24 a.1; head -c 400 /dev/zero | tr '\\0' '\\377'; } > b; mv b a",
    // For root that is no obstacle, and is a packet more.
    "cp a.1 b; chmod 0 b; mv b a",
  ];
  await theirs("cp a a.1");
  for (const change of changes) {
    await theirs(change);
    // More than two looks.
    await new Promise((resolve) => setTimeout(resolve, 250));
    const before = await count();
    await Deno.writeFile(`${path}/other/b`, RECORD, { append: true });
    await until(`the other source goes on after ${change}`, async () => await count() > before);
  }
  const last = concat(fileHeader(), fileRecord(ipv4(17, udp(4711, new Uint8Array(9)))));
  await Deno.writeFile(`${path}/theirs/b`, last);
  await theirs("mv -f b a");
  await until("a capture is read again", async () => (await written()).includes("DPT=4711"));
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0, said);
  await reading;
  assertStringIncludes(said, "cannot be read: ");
  assertEquals(said.split("cannot be read: ").length <= 4, true, said);
});
