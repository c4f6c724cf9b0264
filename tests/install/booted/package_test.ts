import { assert, assertEquals, assertMatch } from "@std/assert";
import { must, ROOT, temporaryFolder } from "../../system/process.ts";
import { laterVersion } from "./later_version.ts";
import { BootedMachine, CAN_BOOT, IS_BARE } from "./machine.ts";

Deno.test(
  "the Debian package on a booted Debian: installed, upgraded, rebooted, removed (BARE_DEBIAN=1; needs root, systemd, nft and ping)",
  { ignore: !CAN_BOOT || !IS_BARE },
  async () => {
    await using folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o755);
    await laterVersion(`${folder.path}/checkout`);
    const build = async (root: string) =>
      (await must([`${root}/scripts/deb`, "--level", "0", "--output", folder.path])).trim();
    const [first, later] = [await build(ROOT), await build(`${folder.path}/checkout`)];
    await using machine = await BootedMachine.boot({
      "/srv/nfscribe.deb": first,
      "/srv/later.deb": later,
    });
    const received = (count: number) =>
      machine.until(`nfscribe stats --json | grep '"received":${count},'`);
    const mainPid = async () => (await machine.must("systemctl show -P MainPID nfscribe")).trim();

    await machine.must("apt-get install -y /srv/nfscribe.deb");
    assertEquals((await machine.run("systemctl is-active nfscribe")).stdout, "inactive\n");
    await machine.must(`nfscribe check
nfscribe rules --to nft | nft -f -
systemctl enable --now nfscribe
ping -c 1 127.0.0.1`);
    await received(1);
    await machine.must("nfscribe doctor --service");

    const before = await mainPid();
    await machine.must(
      `(for each in $(seq 50); do ping -c 1 127.0.0.1; done; touch pinged) >/dev/null &
apt-get install -y /srv/later.deb
until [ -e pinged ]; do sleep 0.05; done`,
    );
    assert(await mainPid() !== before);
    assertMatch(await machine.must("nfscribe --version"), /99\.0\.0/);
    await machine.must("systemctl stop nfscribe");
    const ends = "journalctl -u nfscribe -o cat | grep 'nflog:1: received' | tail -n 2";
    const counts = [...(await machine.must(ends)).matchAll(/received (\d+), lost (\d+)/g)];
    assertEquals(counts.map(([, , lost]) => lost), ["0", "0"]);
    assertEquals(counts.reduce((sum, [, count]) => sum + Number(count), 0), 51);

    await machine.must("systemctl start nfscribe");
    await machine.reboot();
    assertEquals((await machine.run("systemctl is-active nfscribe")).stdout, "active\n");
    await machine.must("apt-get remove -y nfscribe");
    assertEquals((await machine.run("systemctl is-active nfscribe")).stdout, "inactive\n");
    assertEquals(await machine.must("systemctl --failed --no-legend"), "");
    await machine.must("test -s /var/log/nfscribe/nfscribe.pcap");
  },
);
