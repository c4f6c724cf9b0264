import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { must, ROOT, temporaryFolder } from "../../system/process.ts";
import { laterVersion } from "./later_version.ts";
import { typed } from "./typed.ts";
import { BootedMachine, CAN_BOOT, IS_BARE } from "./machine.ts";

const CONFIGURATION = "/etc/nfscribe/nfscribe.toml";
/** A command that fails until nfscribe has received so many packets since its start. */
const received = (count: number) =>
  `nfscribe stats --json --socket /run/nfscribe/stats.sock | grep -q '"received":${count},'`;
/** Each ping is a flow of its own, and one packet for the rules of `nfscribe rules`. */
const ping = (times: number) =>
  `for each in $(seq ${times}); do ping -c 1 127.0.0.1 >/dev/null; done`;

Deno.test("nfscribe as a service of a booted Debian (needs root, systemd, nft and ping)", {
  ignore: !CAN_BOOT,
}, async (t) => {
  await using later = await temporaryFolder();
  await Deno.chmod(later.path, 0o755);
  if (IS_BARE) await laterVersion(later.path);
  const cache = (await must(["sh", "-c", `"$0" info --json`, Deno.execPath()]))
    .match(/"denoDir": "(.*)"/)![1]!;
  await using machine = await BootedMachine.boot({
    "/srv/nfscribe": ROOT.slice(0, -1),
    "/srv/later": later.path,
    "/srv/deno": cache,
    "/opt/deno/deno": Deno.execPath(),
  });
  const install = (from: string) =>
    machine.must(`PATH=/opt/deno:$PATH DENO_DIR=/srv/deno ${from}/scripts/install`);
  const mainPid = async () => (await machine.must("systemctl show -P MainPID nfscribe")).trim();
  const doctor = async () => {
    const { stdout } = await machine.run("nfscribe doctor --service --json");
    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; state: string; message: string; commands?: string[] }[];
    };
    return checks;
  };
  const toFix = async () =>
    (await doctor()).filter(({ state }) => state === "fix").map(({ check }) => check);
  /** The installed configuration. */
  const restore = () => machine.must(`cp /usr/local/lib/nfscribe/nfscribe.toml ${CONFIGURATION}`);

  await t.step("logs once it is installed and enabled, as the documents say", async () => {
    assertEquals(typed("installation.md", "scripts/install"), ["scripts/install"]);
    assertStringIncludes(await install("/srv/nfscribe"), "systemctl enable nfscribe");
    // As docs/firewalls.md has it.
    await machine.must(`mkdir -p /etc/nftables.d
printf '%s\\n' '#!/usr/sbin/nft -f' 'flush ruleset' >/etc/nftables.conf
nfscribe rules --group 1 --to nft > /etc/nftables.d/nfscribe.nft
echo 'include "/etc/nftables.d/nfscribe.nft"' >> /etc/nftables.conf
systemctl enable --now nftables`);
    const pings = 'sh -c "while sleep 0.2; do ping -c 1 127.0.0.1; done" >/dev/null & pings=$!';
    const forGood = typed(
      "getting-started.md",
      "For good",
      `printf '[filter]\\nscript = "filter.ts"\\n' >>${CONFIGURATION}; ${pings}`,
    );
    await machine.must(`echo 'import type { Filter } from "nfscribe";
export default ((packet) => packet.icmp ? "pcap" : false) satisfies Filter;' >filter.ts
set -e
${forGood.join("\n")}
kill $pings`);
    await machine.must(typed("installation.md", "Start the service").join("\n"));
    await machine.must("systemctl restart nfscribe");
    await machine.must(ping(2));
    await machine.until(received(2));
    assertEquals(await toFix(), []);
    const user = await machine.must(`stat -c %U /proc/${await mainPid()}`);
    assertEquals(user, "nfscribe\n");
  });

  await t.step("logs again after a reboot, and appends to its file", async () => {
    const logged = async () => {
      const lines = "systemctl stop nfscribe; tcpdump -r /var/log/nfscribe/nfscribe.pcap -nqt icmp";
      return (await machine.must(lines)).trim().split("\n").length;
    };
    const before = await logged();
    await machine.reboot();
    await machine.must(ping(3));
    await machine.until(received(3));
    assertEquals(await logged(), before + 3);
    await restore();
    await machine.must("systemctl start nfscribe");
  });

  await t.step({
    name: `loses no packet while ${
      IS_BARE ? "a later version takes its place" : "it is restarted"
    }`,
    fn: async () => {
      const before = await mainPid();
      if (IS_BARE) {
        assertMatch(await install("/srv/later"), /^nfscribe 99\.0\.0 is installed/);
        assertMatch(await machine.must("nfscribe --version"), /99\.0\.0/);
      }
      await machine.must(`(${ping(20)}; touch pinged) &
systemctl restart nfscribe
until [ -e pinged ]; do sleep 0.05; done`);
      assert(await mainPid() !== before);
      await machine.must("systemctl stop nfscribe");
      const ends = "journalctl -u nfscribe -b -o cat | grep 'nflog:1: received' | tail -n 2";
      const counts = (await machine.must(ends)).trim().split("\n").map((line) =>
        [...line.matchAll(/(?:received|lost) (\d+)/g)].map(([, count]) => Number(count))
      );
      // Of the process before, and of the one after.
      assertEquals(counts.map(([, lost]) => lost), [0, 0]);
      assertEquals(counts.reduce((sum, [count]) => sum + count!, 0), 20);
      await machine.must("systemctl start nfscribe");
    },
  });

  await t.step("takes no reload with a broken configuration, and says so", async () => {
    const before = await mainPid();
    await machine.must(`sed -i 's/^path = .*/path = 5/' ${CONFIGURATION}`);
    const { code } = await machine.run("systemctl reload nfscribe");
    assertEquals(code, 1);
    assertEquals([await mainPid(), (await machine.run("systemctl is-active nfscribe")).code], [
      before,
      0,
    ]);
    await machine.must("journalctl -u nfscribe -b -o cat | grep 'output.pcap.path'");
    await machine.must(ping(1));
    await machine.until(received(1));
  });

  await t.step("does not start with one, stays down, and doctor tells why", async () => {
    assertEquals((await machine.run("systemctl restart nfscribe")).code, 1);
    const checks = await doctor();
    const found = (name: string) => checks.filter(({ check }) => check === name);
    assertEquals(
      found("service").map(({ state, message }) => `${state}: ${message}`),
      ["fix: has failed: the configuration cannot be used (exit status 2)"],
    );
    assertStringIncludes(found("configuration").at(-1)!.message, "output.pcap.path");
    await restore();
    await machine.must("systemctl start nfscribe");
    assertEquals(await toFix(), []);
  });

  await t.step("names a port of another program, and starts when that is free", async () => {
    await machine.must(`sed -i 's/^\\[stats\\]/&\\nmetrics = "127.0.0.1:9477"/' ${CONFIGURATION}`);
    await machine.must(
      `printf '[Socket]\\nListenStream=127.0.0.1:9477\\n' >/run/systemd/system/other.socket
printf '[Service]\\nExecStart=/bin/true\\n' >/run/systemd/system/other.service
systemctl daemon-reload; systemctl start other.socket`,
    );
    assertEquals((await machine.run("systemctl restart nfscribe")).code, 1);
    await machine.must("journalctl -u nfscribe -b -o cat | grep 'Cannot listen on 127.0.0.1:9477'");
    const found = await toFix();
    assert(found.includes("service") && found.includes("metrics"), found.join(", "));
    await machine.must("systemctl stop other.socket");
    await machine.until("systemctl is-active nfscribe");
    await restore();
    await machine.must("systemctl restart nfscribe");
  });

  await t.step({
    name: "takes a password from the .pgpass of its own user (needs PostgreSQL)",
    ignore: (await machine.run("ls /usr/lib/postgresql/*/bin/initdb")).code !== 0,
    fn: async () => {
      const url = "postgres://nfscribe@127.0.0.1/postgres";
      await machine.must(`cd /tmp; PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
install -d -o postgres /srv/postgres; echo right >right; chmod 644 right
as="setpriv --reuid postgres --regid postgres --init-groups"
$as initdb -D /srv/postgres -U nfscribe --pwfile=right -A scram-sha-256 --no-sync >/dev/null
$as pg_ctl -D /srv/postgres -w -l /srv/postgres/log -o "-k /srv/postgres -h 127.0.0.1" start`);
      await machine.must(
        `echo '*:*:*:*:wrong' >.pgpass; echo '*:*:*:*:right' >/var/lib/nfscribe/.pgpass
chmod 600 .pgpass /var/lib/nfscribe/.pgpass
cat >>${CONFIGURATION} <<'END'
[output.postgres]
url = "${url}"
spool = "/var/lib/nfscribe/spool"
create = true
END`,
      );
      // Of root, as an administrator makes it.
      const { commands = [] } = (await doctor()).find(({ check }) => check === "output postgres")!;
      assertEquals(commands, [
        "chown nfscribe:nfscribe /var/lib/nfscribe/.pgpass && chmod 600 /var/lib/nfscribe/.pgpass",
      ]);
      assertEquals((await machine.run("nfscribe check --quiet")).code, 2);
      await machine.must(`${commands[0]}; nfscribe check --quiet; systemctl restart nfscribe`);
      assertEquals(await toFix(), []);
      await machine.must(ping(2));
      // Each question is a new connection, which is logged, too.
      const count = "SELECT count(*) FROM packets WHERE protocol = 1";
      await machine.until(`PGPASSWORD=right psql -Atc '${count}' ${url} | grep -x 2`);
      await restore();
      await machine.must("rm .pgpass; systemctl restart nfscribe");
    },
  });

  await t.step({
    name: "says on a terminal which configuration commands take (needs script)",
    ignore: (await machine.run("command -v script")).code !== 0,
    fn: async () => {
      const said = await machine.must("script -qec 'nfscribe rules' /dev/null");
      assertStringIncludes(said, `there is no nfscribe.toml here: taking ${CONFIGURATION}`);
      const own = await machine.must(
        `cp ${CONFIGURATION} nfscribe.toml; script -qec 'nfscribe rules' /dev/null`,
      );
      assertEquals(/.*taking.*/.exec(own)?.[0], undefined);
      await machine.must("rm nfscribe.toml");
    },
  });

  await t.step("writes where an ulogd.conf said, by a drop-in", async () => {
    await machine.must(`mkdir -p /var/log/ulog && touch /var/log/ulog/syslogemu.log
cat >ulogd.conf <<'END'
[global]
logfile="syslog"
stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU
stack=log1:NFLOG,base1:BASE,pcap1:PCAP
[log1]
group=1
[emu1]
file="/var/log/ulog/syslogemu.log"
sync=1
[pcap1]
file="/srv/fire wall/fw.pcap"
END`);
    const dropIn = "/etc/systemd/system/nfscribe.service.d/imported.conf";
    await machine.must(
      `mkdir -p ${dropIn.slice(0, dropIn.lastIndexOf("/"))}; echo mine >${dropIn}`,
    );
    const refused = await machine.run("nfscribe import --service ulogd.conf");
    assertEquals(refused.code, 1);
    assertStringIncludes(
      refused.stderr,
      `${dropIn}: it is there, and nfscribe import --service has not`,
    );
    assertEquals(await machine.must(`cat ${dropIn}; rm ${dropIn}`), "mine\n");

    const { code, stdout, stderr } = await machine.run("nfscribe import --service ulogd.conf");
    assertEquals(code, 0);
    assertStringIncludes(stderr, `Wrote ${dropIn}:\n`);
    assertStringIncludes(stderr, '\n  ReadWritePaths=/var/log/ulog "/srv/fire wall"\n');
    assertStringIncludes(stdout, 'path = "/srv/fire wall/fw.pcap"');
    // What it says is to be typed is all that it takes.
    const typed = stderr.slice(stderr.indexOf("Only this file")).split("\n").slice(1).join("\n");
    await machine.must(`nfscribe import --service ulogd.conf 2>/dev/null > nfscribe.toml
cat nfscribe.toml > ${CONFIGURATION}
${typed}
nfscribe check
systemctl restart nfscribe
${ping(1)}`);
    await machine.until("grep 'PROTO=ICMP' /var/log/ulog/syslogemu.log");
    await machine.must("systemctl stop nfscribe; tcpdump -r '/srv/fire wall/fw.pcap' icmp");
    await machine.must(
      `rm ${dropIn} nfscribe.toml; systemctl daemon-reload; systemctl disable nfscribe`,
    );
    await restore();
  });

  await t.step({
    name: "takes the place of ulogd, as the documents say (needs ulogd)",
    ignore: (await machine.run("command -v ulogd")).code !== 0,
    fn: async () => {
      const log = "/var/log/ulog/syslogemu.log";
      const logged = async () => Number(await machine.must(`grep -c PROTO=ICMP ${log} || true`));
      // Debian's own file; the rules here log to group 1.
      await machine.must(
        `rm -f ${log}; sed -i '/^\\[log1\\]/,/^group=/s/^group=.*/group=1/' /etc/ulogd.conf
systemctl enable ulogd2; systemctl restart ulogd2`,
      );
      await machine.until(`ping -c 1 127.0.0.1 >/dev/null; grep PROTO=ICMP ${log}`);
      const importing = "nfscribe import --service /etc/ulogd.conf > nfscribe.toml";
      assertStringIncludes(
        await Deno.readTextFile(`${ROOT}docs/migration.md`),
        `sudo ${importing}`,
      );
      const { stderr } = await machine.run(importing);
      const told = stderr.slice(stderr.indexOf("Only this file")).split("\n").slice(1).join("\n");
      const pings = "(while sleep 0.2; do ping -c 1 127.0.0.1; done) >/dev/null & pings=$!";
      await machine.must(`set -e\n${told}\n${pings}
${typed("migration.md", "Change over").join("\n")}\nkill $pings\nnfscribe stats`);
      const before = await logged();
      await machine.must(ping(1));
      await machine.until(`[ "$(grep -c PROTO=ICMP ${log})" -gt ${before} ]`);
    },
  });
});
