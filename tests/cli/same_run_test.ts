import { assertEquals } from "@std/assert";
import { doctorCommand } from "../../src/cli/doctor/command.ts";
import { parseOptions } from "../../src/cli/command.ts";
import { isSameRun } from "../../src/cli/doctor/same_run.ts";

/**
 * Returns whether what was started by one line, in a folder, is what a doctor in /srv is
 * asked about.
 */
function same(asked: string, run: string, cwd: string | undefined = "/srv") {
  const words = (line: string) => line.split(" ").filter((word) => word !== "");
  const options = parseOptions(doctorCommand, words(asked));
  return isSameRun({ options, cwd: "/srv" }, words(run), cwd);
}

Deno.test("isSameRun() compares configuration files, wherever they are named from", () => {
  assertEquals(same("-c a.toml", "-c a.toml"), true);
  assertEquals(same("-c a.toml", "--config=/srv/a.toml --takeover", "/"), true);
  assertEquals(same("-c a.toml", "-c ../srv/./a.toml", "/etc"), true);
  assertEquals(same("", "-c nfscribe.toml"), true);
  assertEquals(same("-c a.toml", "-c a.toml", "/etc"), false);
  assertEquals(same("-c a#b", "-c a#c"), false);
  assertEquals(same("-c a.toml", "--group 1 --pcap a.pcap"), false);
  assertEquals(same("--group 1 --pcap a.pcap", ""), false);
});

Deno.test("isSameRun() compares outputs where there is no file", () => {
  assertEquals(same("--group 1 --pcap a.pcap", "--pcap /srv/a.pcap --group 01", "/"), true);
  assertEquals(same("--group 1 --pcap a.pcap", "--group 1 --pcap a.pcap", "/etc"), false);
  assertEquals(same("--group 1 --pcap a.pcap", "--group 1 --pcap a.pcap --logemu -"), false);
  assertEquals(same("--group 1 --logemu -", "--group 1 --logemu -", "/etc"), true);
  assertEquals(same("--group 1 --pcap a.pcap", "--group 2 --pcap a.pcap"), false);
  assertEquals(same("--group 1 --postgres a", "--group 1 --postgres b"), false);
});

Deno.test("isSameRun() cannot tell about a group alone, or options that it does not know", () => {
  assertEquals(same("--group 1", "--group 1 --pcap a.pcap"), undefined);
  assertEquals(same("--group 1", "-c a.toml"), undefined);
  assertEquals(same("--group 1 --pcap a.pcap", "--group 1 --new"), undefined);
});
