import { assertEquals, assertStringIncludes } from "@std/assert";
import { DebianRoot, HAS_DEBIAN } from "./root.ts";

Deno.test(
  "README's demo and its first command run on a machine without Deno (needs root, mmdebstrap and a network)",
  {
    ignore: !HAS_DEBIAN,
  },
  async () => {
    await using machine = await DebianRoot.make();
    await machine.checkOut("/root/nfscribe");
    assertEquals((await machine.run("command -v deno npm curl")).stdout, "");

    const first = await machine.must("cd /root/nfscribe && scripts/demo 2>&1", "shared");
    assertStringIncludes(first, "Installing Deno");
    assertStringIncludes(first, "outputs pcap: written 6,");

    // Below the home there are caches alone, and no line of history.
    const home = await machine.must("cd /root && find . -mindepth 1 -maxdepth 1 | sort");
    assertEquals(home.split("\n").filter((name) => !/^(\.\/\.(bashrc|profile))?$/.test(name)), [
      "./.cache",
      "./.npm",
      "./nfscribe",
    ]);

    // Later runs need no network; neither does what comes next in README.
    const later = await machine.must("cd /root/nfscribe && scripts/demo 2>&1");
    assertEquals(later.includes("Installing"), false, later);
    assertStringIncludes(later, "outputs pcap: written 6,");
    const run = "scripts/nfscribe run --group 1 --copy-range 100 --pcap trace.pcap";
    const said = await machine.must(`cd /root/nfscribe && tests/install/log_pings ${run}`);
    assertStringIncludes(said, "outputs pcap: written 5,");
  },
);
