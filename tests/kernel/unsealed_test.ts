import { assertEquals, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import { effectiveUser } from "../../ffi/credentials.ts";
import { canRun, deno, ROOT, run, temporaryFolder } from "../system/process.ts";
import { udpPacket } from "../system/packets.ts";

const UNIT = `${ROOT}packaging/nfscribe.service`;
const FILTER = ["python3", `${ROOT}tests/kernel/unit_filter.py`];
const HAS_FILTER = canRun(...FILTER, UNIT, "true");

Deno.test(
  "without seccomp in the kernel the start fails with a message, unless unsealed = true (needs systemd-analyze, libseccomp, python3)",
  { ignore: !HAS_FILTER },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    {
      await using file = await pcapFile(`${path}/in.pcap`);
      for (let n = 0; n < 3; n++) await file.write(udpPacket(n));
    }
    // The unit's filter of system calls, without seccomp(2), which a sandbox seals itself with.
    const unit = (await Deno.readTextFile(UNIT)).replace(
      /^(SystemCallFilter=.*)\bseccomp\b/m,
      "$1",
    );
    await Deno.writeTextFile(`${path}/unit`, unit);
    await Deno.writeTextFile(`${path}/filter.ts`, `export default () => "pcap";\n`);
    const replay = async (more: string) => {
      await Deno.writeTextFile(
        `${path}/nfscribe.toml`,
        `[filter]\nscript = "filter.ts"\n${more}\n[output.pcap]\npath = "out.pcap"\n`,
      );
      const rights = ["--allow-ffi", "--allow-read", "--allow-write"];
      const words = ["replay", `${path}/in.pcap`, "-c", `${path}/nfscribe.toml`];
      return await run([...FILTER, `${path}/unit`, ...deno(...rights, `${ROOT}main.ts`, ...words)]);
    };
    const refused = await replay("");
    assertEquals(refused.code, 2, refused.stderr);
    // Root would change its user first, and cannot do that there.
    const part = effectiveUser() === 0 ? "user" : "seccomp";
    assertStringIncludes(refused.stderr, `The kernel does not seal the sandbox (${part})`);
    assertStringIncludes(refused.stderr, "unsealed = true");
    const unsealed = await replay("unsealed = true");
    assertEquals(unsealed.code, 0, unsealed.stderr);
    assertStringIncludes(unsealed.stderr, "outputs pcap: written 3");
  },
);
