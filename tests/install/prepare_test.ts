import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, type Result, ROOT, run, temporaryFolder } from "../system/process.ts";

/** Stands for the system: apt-get installs a service, which starts unless policy-rc.d forbids it. */
const SYSTEM = `cat >bin/apt-get <<'END'
#!/bin/sh
echo "apt-get $*" >>log
[ "$1" = update ] && exit
[ ! -e fails ] || exit 1
if [ -e policy ] && ! ./policy db start; then :; else echo "db starts" >>log; fi
echo "db.service enabled enabled" >>units
END
cat >bin/systemctl <<'END'
#!/bin/sh
case "$*" in
  *list-unit-files*) cat units ;;
  *) echo "systemctl $*" >>log ;;
esac
END
chmod +x bin/*
echo "ssh.service enabled enabled" >units`;

/** Sources scripts/prepare, on a system of its own, and runs commands. */
async function prepared(
  commands: string,
  env: Readonly<Record<string, string>> = {},
  setUp = "",
): Promise<Result & { log: string; left: string[] }> {
  await using folder = await temporaryFolder();
  const script = `set -eu; cd "$1"; mkdir bin; : >log; ${SYSTEM}\n${setUp}
root=$2; . "$root/scripts/prepare"; PATH=$PWD/bin:$PATH policy=$PWD/policy
id() { echo 0; }
${commands}`;
  const given = Object.entries({ NFSCRIBE_INSTALL: "", CI: "", ...env })
    .map(([name, value]) => `${name}=${value}`);
  const result = await run(["env", ...given, "sh", "-c", script, "prepare", folder.path, ROOT]);
  const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  return { ...result, log: await Deno.readTextFile(`${folder.path}/log`), left };
}

const LEFT = ["bin", "log", "units"];

Deno.test("what is installed is neither started nor enabled, and nothing else is left", async () => {
  const { code, log, left, stderr } = await prepared("need_packages db", { CI: "true" });
  assertEquals([code, stderr], [0, "Installing db\n"]);
  assertEquals(log.replaceAll(/ -\S+/g, ""), "apt-get install db\nsystemctl disable db.service\n");
  assertEquals(left, LEFT);
});

Deno.test("a system's own policy for services is left as it is", async () => {
  const own = "printf '#!/bin/sh\\nexit 101\\n' >policy; chmod 755 policy";
  const { log, left } = await prepared("need_packages db", { CI: "true" }, own);
  assertEquals([log.includes("starts"), left], [false, [...LEFT, "policy"].sort()]);
});

Deno.test("where packages cannot be installed, nothing is left either", async () => {
  const { code, log, left, stderr } = await prepared(
    "need_packages db",
    { CI: "true" },
    ": >fails",
  );
  assertEquals([code, left], [1, [...LEFT, "fails"].sort()]);
  assertStringIncludes(log, "apt-get update");
  assertStringIncludes(stderr, "Cannot install db");
});

Deno.test("NFSCRIBE_INSTALL=no installs nothing, and says what to type", async () => {
  const no = { NFSCRIBE_INSTALL: "no", CI: "true" };
  const { code, log, stderr } = await prepared("need_packages db web", no);
  assertEquals([code, log], [1, ""]);
  assertStringIncludes(
    stderr,
    "Please install what is missing, then run this again: apt-get install db web",
  );
  const wanted = await prepared("want_packages db; echo goes on", no);
  assertEquals([wanted.code, wanted.log, wanted.stdout], [0, "", "goes on\n"]);
  assertStringIncludes(wanted.stderr, "Without db, some tests are skipped");
});

Deno.test({
  name: "on a terminal people are asked before anything is installed (needs script)",
  ignore: !canRun("script", "--version"),
  fn: async () => {
    const asked = async (answer: string, commands: string) => {
      // A terminal of its own.
      const terminal = `script --quiet --return --command 'set -e; . ./asks' /dev/null`;
      const asks = `cat >asks <<'END'
root=${ROOT}; . "$root/scripts/prepare"; PATH=$PWD/bin:$PATH policy=$PWD/policy
id() { echo 0; }
${commands}
END
printf '${answer}\\n' | ${terminal} || true`;
      return await prepared(asks);
    };
    const no = await asked("", "need_packages db");
    assertEquals(no.log, "");
    assertStringIncludes(no.stdout, "Install db with apt-get? [y/N]");
    const twice = await asked("y", "need_packages db; need_packages web");
    assertEquals(twice.stdout.split("[y/N]").length, 2);
    assertEquals(twice.log.match(/install .*(db|web)$/gm)?.length, 2);
    const wish = 'wish_for db web; echo "said $NFSCRIBE_INSTALL"';
    assertMatch((await asked("", wish)).stdout, /Install db web with .*\[y\/N\][^]*said no/);
    assertMatch((await asked("y", wish)).stdout, /Install db web with .*\[y\/N\][^]*said yes/);
  },
});

Deno.test("packages that can be done without are installed if an option, CI or a person says so", async () => {
  const said = async (commands: string, env: Readonly<Record<string, string>> = {}) =>
    (await prepared(`${commands}\nwish_for db; echo "$NFSCRIBE_INSTALL"`, env)).stdout;
  // There is no terminal here.
  assertEquals(await said(""), "no\n");
  assertEquals(await said("", { CI: "true" }), "yes\n");
  assertEquals(await said("", { NFSCRIBE_INSTALL: "yes" }), "yes\n");
  assertEquals(await said("takes_install_option --yes"), "yes\n");
  assertEquals(await said("takes_install_option --install"), "yes\n");
  assertEquals(await said("takes_install_option --no-install", { CI: "true" }), "no\n");
  assertEquals(
    (await prepared("takes_install_option --instal || echo unknown")).stdout,
    "unknown\n",
  );
});

for (const name of ["test", "demo"]) {
  Deno.test(`scripts/${name} tells its options, and runs nothing with one that it does not know`, async () => {
    const script = `${ROOT}scripts/${name}`;
    const { stdout: help } = await run([script, "--help"]);
    assertStringIncludes(help, `Usage: scripts/${name} [--yes | --no-install]`);
    const { code, stdout, stderr } = await run([script, "--instal"]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `scripts/${name}: Cannot use "--instal"`);
  });
}
