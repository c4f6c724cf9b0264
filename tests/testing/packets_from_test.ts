import { assertRejects } from "@std/assert";
import { packetsFrom } from "nfscribe/testing";
import { InputError } from "../../src/errors.ts";

Deno.test("Without the right to read the file the message names the flag", async () => {
  await assertRejects(
    () => Array.fromAsync(packetsFrom("/tmp/trace.pcap")),
    InputError,
    "run again with --allow-read=/tmp/trace.pcap",
  );
});

Deno.test("A URL that is not a file's is refused", async () => {
  await assertRejects(
    () => Array.fromAsync(packetsFrom(new URL("https://example.org/a.pcap"))),
    TypeError,
    "Cannot read https://example.org/a.pcap: it is not a file; download it first",
  );
});
