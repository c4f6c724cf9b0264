import { assertEquals, assertStringIncludes } from "@std/assert";

import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { fileOf } from "./capture_file.ts";
import { deno, must, ROOT, run, temporaryFolder, until } from "./process.ts";
import { start } from "./terminal.ts";

const RIGHTS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
const REPLAY = deno(...RIGHTS, `${ROOT}main.ts`, "replay");
const RECORDS = [1, 2, 3].map((size) => fileRecord(ipv4(17, udp(53, new Uint8Array(size)))));

Deno.test("nfscribe replay - takes packets from another program and hands lines to a third", async () => {
  await using file = await fileOf(fileHeader(), ...RECORDS);
  const script = 'cat "$0" | "$@" - --logemu - | wc -l';
  const { stdout, stderr } = await run(["sh", "-c", script, file.path, ...REPLAY]);
  assertEquals(stdout.trim(), "3");
  assertStringIncludes(stderr, "received 3, lost 0, malformed 0");
});

Deno.test("nfscribe replay --follow waits at the end of a file, and Ctrl-C ends it", async () => {
  await using folder = await temporaryFolder();
  await using file = await fileOf(fileHeader(), RECORDS[0]!);
  const lines = `${folder.path}/lines`;
  const [command, ...args] = [...REPLAY, file.path, "--follow", "--logemu", lines];
  const child = new Deno.Command(command!, { args, stdin: "null", stderr: "piped" }).spawn();
  const count = (wanted: number) =>
    until(`${wanted} lines`, async () => {
      const text = await Deno.readTextFile(lines).catch(() => "");
      return text.split("\n").length - 1 === wanted;
    });
  await count(1);
  await Deno.writeFile(file.path, concat(RECORDS[1]!, RECORDS[2]!), { append: true });
  await count(3);
  child.kill("SIGINT");
  const { code, stderr } = await child.output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stderr), "received 3, lost 0, malformed 0");
});

Deno.test("Ctrl-C ends nfscribe replay of a pipe without a writer", async () => {
  await using folder = await temporaryFolder();
  const [pipe, lines] = [`${folder.path}/pipe`, `${folder.path}/lines`];
  await must(["mkfifo", pipe]);
  await using replaying = start([...REPLAY, pipe, "--logemu", lines]);
  await replaying.says("nfscribe: started");
  replaying.kill("SIGINT");
  const { code, stderr } = await replaying.ended();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "received 0, lost 0, malformed 0");
});

Deno.test("nfscribe replay of an empty input prints what is wrong", async () => {
  const { code, stderr } = await run([...REPLAY, "-", "--logemu", "-"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot read standard input: it is empty");
});

Deno.test("nfscribe replay of several files writes their packets in turn", async () => {
  await using first = await fileOf(fileHeader(), ...RECORDS);
  await using second = await fileOf(fileHeader(), RECORDS[0]!);
  const { stdout, stderr } = await run([...REPLAY, first.path, second.path, "--logemu", "-"]);
  const lengths = stdout.trimEnd().split("\n").map((line) => /LEN=(\d+) TOS/.exec(line)?.[1]);
  assertEquals(lengths, ["29", "30", "31", "29"]);
  assertStringIncludes(stderr, "received 4, lost 0, malformed 0");
});

Deno.test("nfscribe replay does not write into any of the files that it reads", async () => {
  const { code, stderr } = await run([...REPLAY, "a.pcap", "b.pcap", "--pcap", "./b.pcap"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, '"b.pcap" is what source "pcap:a.pcap,b.pcap" reads');
});
