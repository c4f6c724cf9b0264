import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hasProgram, must, ROOT, temporaryFolder } from "../../system/process.ts";
import { DebianRoot, HAS_DEBIAN } from "./root.ts";
import { logAsService, LOGGED_AS_SERVICE } from "./service.ts";

const FOLDERS = "/var/lib/nfscribe /var/log/nfscribe /var/cache/nfscribe";

Deno.test("the Debian package on a bare Debian (needs root, mmdebstrap and a mirror)", {
  ignore: !HAS_DEBIAN,
}, async (t) => {
  await using folder = await temporaryFolder();
  await using machine = await DebianRoot.make();
  const build = [`${ROOT}scripts/deb`, "--level", "0", "--output", folder.path];
  const file = (await must(build)).trim();
  await Deno.mkdir(`${machine.files}/srv`);
  await Deno.copyFile(file, `${machine.files}/srv/nfscribe.deb`);
  await Deno.copyFile(`${ROOT}tests/install/log_pings`, `${machine.files}/srv/log_pings`);
  const everything = "find / -xdev -path /proc -prune -o -path /dev -prune -o -print | sort";
  const before = await machine.must(everything);

  await t.step("is installed without a network, and starts nothing by itself", async () => {
    await machine.must("dpkg --install /srv/nfscribe.deb");
    assertMatch(await machine.must("id nfscribe"), /^uid=\d+\(nfscribe\) gid=\d+\(nfscribe\)/);
    assertEquals((await machine.run("ls /etc/systemd/system/*.wants/nfscribe*")).code, 2);
    assertEquals(await machine.must("dpkg --verify nfscribe"), "");
  });

  await t.step("serves users who own nothing", async () => {
    const asNobody = "cd / && HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups";
    assertMatch(await machine.must(`${asNobody} nfscribe --version`), /^nfscribe \d/);
    const rules = await machine.must(`${asNobody} nfscribe rules --group 7 --to nft`);
    assertStringIncludes(rules, 'ct state new counter log prefix "input" group 7');
  });

  await t.step("logs as its unit says", async () => {
    const unit = "/lib/systemd/system/nfscribe.service";
    const said = await machine.must(logAsService(unit, "/srv/log_pings"));
    for (const pattern of LOGGED_AS_SERVICE) assertMatch(said, pattern);
  });

  await t.step("is installed anew, and leaves a configuration that was changed", async () => {
    await machine.must("echo '# mine' >>/etc/nfscribe/nfscribe.toml");
    await machine.must("dpkg --install /srv/nfscribe.deb </dev/null");
    assertStringIncludes(await machine.must("cat /etc/nfscribe/nfscribe.toml"), "# mine");
  });

  await t.step("leaves configuration and data when it is removed", async () => {
    await machine.must("dpkg --remove nfscribe");
    assertEquals((await machine.run("command -v nfscribe")).code, 127);
    assertEquals((await machine.run("ls /usr/lib/nfscribe")).code, 2);
    await machine.must("test -s /etc/nfscribe/nfscribe.toml");
    await machine.must("test -s /var/log/nfscribe/nfscribe.pcap");
  });

  await t.step("leaves nothing but the user when it is purged", async () => {
    await machine.must("dpkg --purge nfscribe");
    assertEquals((await machine.run(`ls -d /etc/nfscribe ${FOLDERS}`)).stdout, "");
    const ours = (text: string) => text.split("\n").filter((line) => line.includes("nfscribe"));
    assertEquals(ours(await machine.must(everything)), ours(before));
    await machine.must("id nfscribe");
  });

  await t.step({
    name: "pleases lintian (needs lintian)",
    ignore: !hasProgram("lintian"),
    fn: async () => {
      const tags = await must(["lintian", "--allow-root", "--fail-on", "error,warning", file]);
      assertEquals(tags, "");
    },
  });
});
