import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, exists, inFolder, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, listing, LOG_PINGS } from "./places.ts";

const INSTALL = `${ROOT}scripts/install`;

Deno.test("scripts/install below a root", async (t) => {
  await using folder = await temporaryFolder();
  await using work = await folderWithFilter();
  const root = `${folder.path}/root`;
  const install = (...args: string[]) => run([INSTALL, "--root", root, ...args]);
  const configuration = `${root}/etc/nfscribe/nfscribe.toml`;
  const command = `${root}/usr/local/bin/nfscribe`;

  await t.step("puts everything in its place", async () => {
    const { code, stdout, stderr } = await install();
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^nfscribe \d+\.\d+\.\d+ is installed below /);
    const unit = await Deno.readTextFile(`${root}/usr/local/lib/systemd/system/nfscribe.service`);
    assertStringIncludes(unit, "\nExecStart=/usr/local/bin/nfscribe run -c /etc/nfscribe/");
    for (
      const path of [
        "lib/nfscribe/bundle/nfscribe-run.js",
        "lib/systemd/system/nfscribe-web.service",
        "lib/systemd/system/nfscribe-web.socket",
        "lib/sysusers.d/nfscribe.conf",
        "share/man/man1/nfscribe.1",
        "share/man/man5/nfscribe.toml.5",
        "share/bash-completion/completions/nfscribe",
        "share/zsh/site-functions/_nfscribe",
        "share/fish/vendor_completions.d/nfscribe.fish",
        "share/doc/nfscribe/docs/configuration.md",
        "share/nfscribe/grafana/postgres.json",
      ]
    ) {
      assertEquals(Deno.statSync(`${root}/usr/local/${path}`).size > 0, true, path);
    }
    for (const path of ["lib", "log", "cache"]) Deno.statSync(`${root}/var/${path}/nfscribe`);
  });

  await t.step("changes nothing when it runs once more", async () => {
    const before = listing(root);
    const { code, stdout } = await install();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "nothing has changed");
    assertEquals(listing(root), before);
  });

  await t.step("brings back a file that was damaged or is gone", async () => {
    const before = listing(root);
    await Deno.writeTextFile(`${root}/usr/local/lib/nfscribe/main.ts`, "damaged");
    await Deno.remove(`${root}/usr/local/share/man/man1/nfscribe.1`);
    const { code, stdout } = await install();
    assertEquals(code, 0);
    assertEquals(stdout.includes("nothing has changed"), false);
    assertEquals(listing(root), before);
  });

  await t.step({
    name: "installs a command that logs without a network (needs nft and a namespace)",
    ignore: !CAN_LOG,
    fn: async () => {
      const options = ["--group", "1", "--pcap", "a.pcap", "--filter", "filter.ts"];
      const inFolder = ["sh", "-c", `cd "$1"; shift; exec "$@"`, "sh", work.path];
      const checked = await must([IN_NAMESPACE, ...inFolder, command, "check", ...options]);
      assertStringIncludes(checked, "filter.ts: types checked, loads");
      const said = await must([IN_NAMESPACE, ...inFolder, LOG_PINGS, command, "run", ...options]);
      assertStringIncludes(said, "filter: NotCapable");
      assertStringIncludes(said, "outputs pcap: written 5,");
    },
  });

  await t.step("installs a command that starts the page, too", async () => {
    const options = ["--group", "1", "--sqlite", "a.db", "--web"];
    const flags = await must([command, "run", ...options, "--flags"]);
    assertMatch(flags, /^--allow-run=.*\/deno$/m);
  });

  await t.step("leaves a configuration that was changed, and tells of a new one", async () => {
    const own = await Deno.readTextFile(configuration) + "# mine\n";
    await Deno.writeTextFile(configuration, own);
    // As if an older version had been installed.
    await Deno.writeTextFile(`${root}/usr/local/lib/nfscribe/nfscribe.toml`, "# older\n");
    const { code, stdout } = await install();
    assertEquals(code, 0);
    assertStringIncludes(stdout, `${configuration} is yours and stays`);
    assertEquals(await Deno.readTextFile(configuration), own);
    const newer = await Deno.readTextFile(`${configuration}.new`);
    assertEquals(newer, await Deno.readTextFile(`${ROOT}packaging/nfscribe.toml`));
  });

  await t.step("takes a file away that a newer version no longer has", async () => {
    const files = `${root}/usr/local/lib/nfscribe/files`;
    const older = `${root}/usr/local/lib/nfscribe/src/older.ts`;
    await Deno.writeTextFile(older, "");
    await Deno.writeTextFile(
      files,
      `${"0".repeat(64)}  ./usr/local/lib/nfscribe/src/older.ts\n`,
      { append: true },
    );
    assertEquals((await install()).code, 0);
    assertEquals(exists(older), false);
  });

  await t.step("--uninstall leaves configuration and data, --purge nothing", async () => {
    const { code, stdout } = await install("--uninstall");
    assertEquals(code, 0);
    assertStringIncludes(
      stdout,
      `What is yours stays; --uninstall --purge removes it: ${root}/etc`,
    );
    const left = listing(root).map((line) => line.split(" ")[0]);
    assertEquals(left, [
      "/etc",
      "/etc/nfscribe",
      "/etc/nfscribe/nfscribe.toml",
      "/etc/nfscribe/nfscribe.toml.new",
      "/var",
      ...["cache", "lib", "log"].flatMap((name) => [`/var/${name}`, `/var/${name}/nfscribe`]),
    ]);
    assertEquals((await install("--uninstall", "--purge")).code, 0);
    assertEquals(listing(root).some((line) => line.includes("nfscribe")), false);
    const again = await install("--uninstall");
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "Nothing to remove");
  });
});

Deno.test("scripts/install installs for another prefix, whose unit starts what is there", async () => {
  await using folder = await temporaryFolder();
  await must([INSTALL, "--root", folder.path, "--prefix", "/opt/nfscribe"]);
  const unit = await Deno.readTextFile(`${folder.path}/etc/systemd/system/nfscribe.service`);
  assertStringIncludes(unit, "\nExecStart=/opt/nfscribe/bin/nfscribe run -c ");
  assertMatch(
    await must([`${folder.path}/opt/nfscribe/bin/nfscribe`, "--version"]),
    /^nfscribe \d/,
  );
  // A project names the sources, which lie beside the bundle that runs.
  const project = `${folder.path}/project`;
  await Deno.mkdir(project);
  const init = [`${folder.path}/opt/nfscribe/bin/nfscribe`, "init", "--yes"];
  const wrote = "Wrote nfscribe.toml, filter.ts, filter_test.ts and deno.json.";
  assertStringIncludes(await must(inFolder(project, init)), wrote);
  if (canRun(IN_NAMESPACE, "true")) {
    const words = ["try", "ip", "-brief", "link", "show", "up"];
    assertMatch(await must([`${folder.path}/opt/nfscribe/bin/nfscribe`, ...words]), /^lo /);
  }
  await Deno.remove(project, { recursive: true });
  await must([INSTALL, "--root", folder.path, "--prefix=/opt/nfscribe/", "--uninstall", "--purge"]);
  assertEquals(listing(folder.path).some((line) => line.includes("nfscribe")), false);
});

Deno.test("scripts/install says what it cannot use, with exit status 2", async () => {
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([INSTALL, ...args]);
    assertEquals([code, stdout], [2, ""]);
    return stderr;
  };
  assertStringIncludes(await refused("--unistall"), `Cannot use "--unistall"`);
  assertStringIncludes(await refused("--prefix"), "--prefix takes a folder");
  assertStringIncludes(await refused("--prefix", "here"), "must be an absolute path");
  assertStringIncludes(await refused("--prefix", "/a b"), "use letters");
  assertStringIncludes(await refused("--purge"), "--purge belongs to --uninstall");
});
