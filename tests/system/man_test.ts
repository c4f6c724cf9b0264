import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasProgram, ROOT, run } from "./process.ts";

const PAGES = [...Deno.readDirSync(`${ROOT}packaging/man`)].map(({ name }) => name).sort();

/** Programs that render pages or check them. */
const PROGRAMS: readonly (readonly [program: string, ...args: string[]])[] = [
  ["groff", "-ww", "-man", "-Tutf8"],
  ["man", "--warnings", "-E", "UTF-8", "-l"],
  ["mandoc", "-Tlint"],
];

for (const [program, ...args] of PROGRAMS) {
  const isThere = hasProgram(program);
  Deno.test({
    name: `${program} has nothing to say against the pages${isThere ? "" : ": it is not there"}`,
    ignore: !isThere,
    async fn() {
      assertEquals(PAGES, ["nfscribe.1", "nfscribe.toml.5"]);
      for (const page of PAGES) {
        const { code, stdout, stderr } = await run([
          "env",
          "LC_ALL=C.UTF-8",
          "MANWIDTH=80",
          program,
          ...args,
          `${ROOT}packaging/man/${page}`,
        ]);
        assertEquals({ code, stderr }, { code: 0, stderr: "" });
        if (program === "mandoc") assertEquals(stdout, "");
        else assert(stdout.length > 1000, stdout);
      }
    },
  });
}

Deno.test({
  name: "man shows options and quotes so that they can be copied into a shell",
  ignore: !hasProgram("man"),
  async fn() {
    const page = `${ROOT}packaging/man/nfscribe.1`;
    const { stdout } = await run(["env", "LC_ALL=C.UTF-8", "MANWIDTH=80", "man", "-l", page]);
    // Bold characters are printed twice.
    const text = stdout.replaceAll(/.[\b]/g, "");
    assertStringIncludes(text, "nfscribe run --group 1 --copy-range 100 --pcap trace.pcap\n");
    assertStringIncludes(text, `--from "iptables -A INPUT -j ULOG --ulog-nlgroup`);
    assertEquals(text.match(/[\u2010\u2018\u2019]/g), null);
  },
});
