import { assertEquals, assertMatch } from "@std/assert";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { fileOf } from "./capture_file.ts";
import { deno, ROOT } from "./process.ts";
import { CTRL_C, HAS_SCRIPT, onTerminal, start } from "./terminal.ts";

const needsScript = { ignore: !HAS_SCRIPT };
const REPLAY = deno(
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-sys=hostname",
  `${ROOT}main.ts`,
  "replay",
);
const NOWHERE = ["--pcap", "/dev/null"];

/** Returns records of 30 kB, so many seconds after the first. */
function records(count: number, seconds: number): Uint8Array<ArrayBuffer> {
  const record = fileRecord(ipv4(17, udp(53, new Uint8Array(30_000))));
  const view = new DataView(record.buffer);
  view.setUint32(0, view.getUint32(0, true) + seconds, true);
  return concat(...Array.from({ length: count }, () => record));
}

Deno.test({
  name: "nfscribe replay shows how far it is, and takes that away at the end (needs script)",
  ...needsScript,
  fn: async () => {
    // A third of the file is read, followed by a wait of an hour.
    await using file = await fileOf(fileHeader(), records(2, 0), records(98, 3600));
    await using replaying = start(
      onTerminal([...REPLAY, file.path, "--pace", "recorded", ...NOWHERE]),
    );
    await replaying.says("packets");
    await replaying.type(CTRL_C);
    const { stdout } = await replaying.ended();
    assertMatch(stdout, /replay {2}3\d% {2}█+░+ {2}2 packets {2}\d+\/s/);
    // deno-lint-ignore no-control-regex
    assertMatch(stdout, /s(\^C)?\r\x1b\[Knfscribe: stopped\r\n/);
    // deno-lint-ignore no-control-regex
    assertMatch(stdout, /s\r\x1b\[K$/);
  },
});

Deno.test({
  name: "nfscribe replay of a pipe counts, because its end is unknown (needs script)",
  ...needsScript,
  fn: async () => {
    await using file = await fileOf(fileHeader(), records(3, 0));
    const script = `'(cat ${file.path}; read line) | ${[...REPLAY, "-", ...NOWHERE].join(" ")}'`;
    await using replaying = start(onTerminal(["sh", "-c", script]));
    await replaying.says("3 packets");
    await replaying.type("\n");
    const { code, stdout } = await replaying.ended();
    assertEquals(code, 0);
    assertMatch(stdout, /replay {2}3 packets {2}\d+\/s {2}0:\d\d/);
    assertEquals(stdout.includes("%"), false);
  },
});

Deno.test({
  name: "nfscribe replay shows no bar where its packets are shown (needs script)",
  ...needsScript,
  fn: async () => {
    await using file = await fileOf(fileHeader(), records(1, 0), records(1, 1));
    const command = [...REPLAY, file.path, "--pace", "recorded", "--logemu", "-"];
    await using replaying = start(onTerminal(command));
    const { code, stdout } = await replaying.ended();
    assertEquals(code, 0);
    assertMatch(stdout, /DPT=53/);
    // deno-lint-ignore no-control-regex
    assertEquals(/replay |\x1b/.test(stdout), false);
  },
});
