import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { must, ROOT } from "../../system/process.ts";
import { DebianRoot, HAS_DEBIAN } from "./root.ts";
import { logAsService, LOGGED_AS_SERVICE } from "./service.ts";

Deno.test(
  "scripts/install on a bare Debian, without a network (needs root, mmdebstrap and a mirror)",
  {
    ignore: !HAS_DEBIAN,
  },
  async (t) => {
    await using machine = await DebianRoot.make();
    await machine.checkOut("/srv/nfscribe");
    // As after the demo: Deno is in the project's folder, packages are in root's cache.
    const cache = (await must(["sh", "-c", `"$1" info --json`, "sh", Deno.execPath()]))
      .match(/"denoDir": "(.*)"/)![1]!;
    await Deno.mkdir(`${machine.files}/srv/nfscribe/.deno/bin`, { recursive: true });
    await Deno.copyFile(Deno.execPath(), `${machine.files}/srv/nfscribe/.deno/bin/deno`);
    await Deno.mkdir(`${machine.files}/root/.cache/deno`, { recursive: true });
    await must(["cp", "-R", `${cache}/npm`, `${machine.files}/root/.cache/deno/`]);
    const install = "/srv/nfscribe/scripts/install";
    const everything =
      "find / -xdev -path /proc -prune -o -path /dev -prune -o -path /root -prune -o -path /srv -prune -o -print | sort";
    const before = await machine.must(everything);

    await t.step("makes the user and gives it its folders", async () => {
      const said = await machine.must(install);
      assertStringIncludes(said, "systemctl enable nfscribe");
      assertMatch(await machine.must("id nfscribe"), /^uid=\d+\(nfscribe\)/);
      assertStringIncludes(await machine.must(install), "nothing has changed");
      // The command goes on without the checkout.
      await machine.must("mv /srv/nfscribe /srv/elsewhere && rm -rf /root/.cache");
      assertMatch(await machine.must("cd / && nfscribe --version"), /^nfscribe \d/);
    });

    await t.step("logs as its unit says", async () => {
      const unit = "/usr/local/lib/systemd/system/nfscribe.service";
      const said = await machine.must(logAsService(unit, "/srv/elsewhere/tests/install/log_pings"));
      for (const pattern of LOGGED_AS_SERVICE) assertMatch(said, pattern);
    });

    await t.step("goes on as the user of the configuration, started by root", async () => {
      const script = `sed -i '1i user = "nfscribe"' /etc/nfscribe/nfscribe.toml
install -d -o nfscribe -g nfscribe /run/nfscribe
/srv/elsewhere/tests/install/log_pings nfscribe run -c /etc/nfscribe/nfscribe.toml
rm -r /run/nfscribe`;
      assertMatch(await machine.must(script), /outputs pcap: written 5,/);
    });

    await t.step("takes away exactly what it brought", async () => {
      await machine.must("/srv/elsewhere/scripts/install --uninstall");
      const configured = await machine.must("cat /etc/nfscribe/nfscribe.toml");
      assertStringIncludes(configured, `user = "nfscribe"`);
      const purge = "/srv/elsewhere/scripts/install --uninstall --purge";
      assertStringIncludes(await machine.must(purge), "userdel nfscribe removes it");
      await machine.must("userdel nfscribe");
      // What programs that manage users leave behind themselves.
      const lines = (text: string) => text.split("\n").filter((line) => !/^\/etc\/.*-$/.test(line));
      assertEquals(lines(await machine.must(everything)), lines(before));
    });
  },
);

Deno.test("scripts/install without Deno and without a network says what is missing", {
  ignore: !HAS_DEBIAN,
}, async () => {
  await using machine = await DebianRoot.make();
  await machine.checkOut("/srv/nfscribe");
  const { code, stderr } = await machine.run("/srv/nfscribe/scripts/install");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "install: Cannot install curl unzip ca-certificates");
  assertStringIncludes(await machine.must("ls /usr/local/bin | wc -l"), "0");
  assertEquals((await machine.run(`ls ${ROOT}`)).code, 2);
});
