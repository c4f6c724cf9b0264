import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { CAN_LOG, folderWithFilter, HAS_DPKG, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

const DEB = `${ROOT}scripts/deb`;

Deno.test("the Debian package (needs dpkg-deb)", { ignore: !HAS_DPKG }, async (t) => {
  await using folder = await temporaryFolder();
  await using work = await folderWithFilter();
  const build = async (output: string) =>
    (await must([DEB, "--level", "0", "--output", `${folder.path}/${output}`])).trim();
  const file = await build("first");
  const root = `${folder.path}/root`;

  await t.step("holds its files where Debian has them, and belongs to root", async () => {
    const lines = (await must(["dpkg-deb", "--contents", file])).trim().split("\n");
    assertEquals(lines.filter((line) => !/^[-dl][rwx-]{9} root\/root /.test(line)), []);
    const paths = lines.map((line) => line.split(/\s+/)[5]);
    for (
      const path of [
        "./etc/nfscribe/nfscribe.toml",
        "./lib/systemd/system/nfscribe-web.service",
        "./lib/systemd/system/nfscribe-web.socket",
        "./lib/systemd/system/nfscribe.service",
        "./usr/lib/nfscribe/src/web/document/page.js",
        "./usr/bin/nfscribe",
        "./usr/lib/nfscribe/deno",
        "./usr/share/doc/nfscribe/copyright",
        "./usr/share/man/man1/nfscribe.1.gz",
        "./usr/share/nfscribe/grafana/mysql.json",
        "./usr/share/man/man5/nfscribe.toml.5.gz",
        "./usr/share/zsh/vendor-completions/_nfscribe",
      ]
    ) assertEquals(paths.includes(path), true, path);
    assertEquals(paths.filter((path) => path?.startsWith("./usr/local")), []);
  });

  await t.step("says what it is and what it depends on", async () => {
    const field = (name: string) => must(["dpkg-deb", "--field", file, name]);
    assertMatch(await field("Version"), /^\d+\.\d+\.\d+\n$/);
    assertStringIncludes(await field("Depends"), "libc6");
    await must(["dpkg-deb", "--control", file, `${folder.path}/control`]);
    const conffiles = await Deno.readTextFile(`${folder.path}/control/conffiles`);
    assertEquals(conffiles, "/etc/nfscribe/nfscribe.toml\n");
    for (const name of ["postinst", "prerm", "postrm"]) {
      await must(["sh", "-n", `${folder.path}/control/${name}`]);
    }
  });

  await t.step({
    name: "runs without a network (needs nft and a namespace)",
    ignore: !CAN_LOG,
    fn: async () => {
      await must(["dpkg-deb", "--extract", file, root]);
      const options = ["--group", "1", "--pcap", `${work.path}/a.pcap`];
      const filter = ["--filter", `${work.path}/filter.ts`];
      const command = [`${root}/usr/bin/nfscribe`, "run", ...options, ...filter];
      const said = await must([IN_NAMESPACE, LOG_PINGS, ...command]);
      assertStringIncludes(said, "outputs pcap: written 5,");
    },
  });

  await t.step("is the same when it is built again", async () => {
    const again = await build("second");
    assertEquals(await Deno.readFile(again), await Deno.readFile(file));
  });
});

Deno.test("scripts/deb says what it cannot use, with exit status 2", {
  ignore: !HAS_DPKG,
}, async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await run([DEB, ...args]);
    assertEquals(code, 2);
    return stderr;
  };
  assertStringIncludes(await refused("--level", "x"), "--level must be a digit");
  assertStringIncludes(await refused("--architecture", "i386"), "must be amd64 or arm64");
  const other = Deno.build.arch === "x86_64" ? "arm64" : "amd64";
  assertStringIncludes(await refused("--architecture", other), "takes --deno");
});
