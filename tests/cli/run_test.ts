import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../src/cli/command.ts";
import { runCommand } from "../../src/cli/run/command.ts";
import { ConfigError } from "../../src/errors.ts";

Deno.test("`nfscribe run --pcap` without a group asks for it", async () => {
  await assertRejects(
    () => runCommand.execute({ pcap: "x" }),
    UsageError,
    "--group is missing: the number that the rule names, as in --group 1",
  );
});

Deno.test("`nfscribe run --group` without an output asks where packets go", async () => {
  await assertRejects(
    () => runCommand.execute({ group: "1" }),
    UsageError,
    "There is no output: say where packets go, as in --pcap trace.pcap",
  );
});

Deno.test("What is wrong with an option is said of the option, all at once", async () => {
  const error = await assertRejects(
    () => runCommand.execute({ group: "65536", "copy-range": "1.5", pcap: "x" }),
    ConfigError,
  );
  assertEquals(error.file, "nfscribe run");
  assertEquals(error.problems, [
    { key: "--group", message: "must be a whole number from 0 to 65535, not 65536" },
    { key: "--copy-range", message: 'must be a whole number from 0 to 65531, not "1.5"' },
  ]);
});
