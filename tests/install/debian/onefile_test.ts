import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { must, ROOT, temporaryFolder } from "../../system/process.ts";
import { DebianRoot, HAS_DEBIAN } from "./root.ts";

Deno.test("nfscribe in one file on a bare Debian (needs root, mmdebstrap and a mirror)", {
  ignore: !HAS_DEBIAN,
}, async (t) => {
  await using folder = await temporaryFolder();
  await using machine = await DebianRoot.make();
  const file = `${folder.path}/nfscribe`;
  await must([`${ROOT}scripts/onefile`, "--level", "1", "--output", file]);
  await Deno.mkdir(`${machine.files}/srv`);
  await Deno.copyFile(file, `${machine.files}/srv/nfscribe`);
  await Deno.copyFile(`${ROOT}tests/install/log_pings`, `${machine.files}/srv/log_pings`);
  assertEquals((await machine.run("command -v deno npm curl")).stdout, "");

  await t.step("logs as root, without a network", async () => {
    const run = "/srv/nfscribe run --group 1 --pcap /srv/a.pcap";
    assertStringIncludes(await machine.must(`/srv/log_pings ${run}`), "outputs pcap: written 5,");
    assertMatch(
      await machine.must("ls /var/cache/nfscribe-run"),
      /^\d+\.\d+\.\d+-[0-9a-f]{64}\ncurrent\n$/,
    );
  });

  await t.step("serves users who own nothing, and have no home", async () => {
    const asNobody = "cd / && HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups";
    // First what root has unpacked, then what they unpack.
    assertMatch(await machine.must(`${asNobody} /srv/nfscribe --version`), /^nfscribe \d/);
    assertEquals((await machine.run("ls /tmp/nfscribe-65534")).code, 2);
    await machine.must("rm -r /var/cache/nfscribe-run");
    assertMatch(await machine.must(`${asNobody} /srv/nfscribe --version`), /^nfscribe \d/);
    const rules = await machine.must(`${asNobody} /srv/nfscribe rules --group 7 --to nft`);
    assertStringIncludes(rules, 'ct state new counter log prefix "input" group 7');
    assertEquals(await machine.must("stat -c '%u %a' /tmp/nfscribe-65534"), "65534 700\n");
  });

  await t.step(
    "fills a folder, checks what is in it, and logs what its service would",
    async () => {
      await machine.must("mkdir /srv/mine && cd /srv/mine && /srv/nfscribe init --yes --group 1");
      const checked = await machine.must("cd /srv/mine && /srv/nfscribe check");
      assertStringIncludes(checked, "filter.ts: types checked, loads");
      const said = await machine.must("cd /srv/mine && /srv/log_pings /srv/nfscribe run");
      assertStringIncludes(said, "received 5, lost 0");
    },
  );
});
