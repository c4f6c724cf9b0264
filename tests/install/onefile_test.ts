import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AS_USER, IS_ROOT } from "../kernel/plain_user.ts";
import {
  canRun,
  hasProgram,
  must,
  type Result,
  ROOT,
  run,
  temporaryFolder,
} from "../system/process.ts";
import { laterVersion } from "./booted/later_version.ts";
import { typed } from "./booted/typed.ts";
import { BootedMachine, CAN_BOOT, IS_BARE } from "./booted/machine.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

const ONEFILE = `${ROOT}scripts/onefile`;
const USER = IS_ROOT ? AS_USER : [];
const PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
const CAN_MOUNT = IS_ROOT && canRun("unshare", "--mount", "true");

/** Makes a folder of a user without rights, who may be this one. */
async function folderOfUser(path: string): Promise<string> {
  await must([
    ...USER.length > 0 ? ["install", "-d", "-o", "64321", "-m", "700"] : ["mkdir"],
    path,
  ]);
  return path;
}

/** Homes and folders for temporary files; files that unpack themselves are started there. */
class Places {
  readonly #folder: string;
  #count = 0;

  /** Takes a folder that every user enters. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a home and a folder for temporary files, both empty. */
  async next(): Promise<Place> {
    const home = await folderOfUser(`${this.#folder}/home${++this.#count}`);
    const temporary = await folderOfUser(`${this.#folder}/temporary${this.#count}`);
    return { home, temporary, unpacked: `${home}/.cache/nfscribe/onefile` };
  }
}

interface Place {
  home: string;
  temporary: string;
  /** Folder that a file unpacks itself into, if it can. */
  unpacked: string;
}

/** Starts a file; `before` is a prefix of the command. */
async function start(
  { home, temporary }: Place,
  file: string,
  before: readonly string[] = [],
): Promise<Result> {
  const environment = ["env", "-i", PATH, `HOME=${home}`, `TMPDIR=${temporary}`];
  return await run([...before, ...USER, ...environment, file, "--version"]);
}

function assertStarted({ code, stdout, stderr }: Result): void {
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^nfscribe \d+\.\d+\.\d+\n$/);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await must([...USER, "ls", folder])).split("\n").filter((name) => name !== "");
}

/** Writes a file with the script of the real one, whose archive has no Deno, and little else. */
async function smallFile(file: string): Promise<void> {
  const archive = `${file}.archive`;
  await Deno.mkdir(`${file}.tree/scripts`, { recursive: true });
  for (const [name, line] of [["deno", ":"], ["scripts/nfscribe", "echo nfscribe 1.2.3"]]) {
    await Deno.writeTextFile(`${file}.tree/${name}`, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
  await must(["tar", "-C", `${file}.tree`, "-czf", archive, "."]);
  const script = await Deno.readTextFile(`${ROOT}packaging/onefile.sh`);
  const values: Readonly<Record<string, string>> = {
    VERSION: "1.2.3",
    MACHINE: (await must(["uname", "-m"])).trim(),
    SUM: (await must(["sha256sum", archive])).slice(0, 64),
    FIRST: String(script.split("\n").length),
  };
  await Deno.writeTextFile(file, script.replaceAll(/@([A-Z]+)@/g, (_, name) => values[name]!));
  await Deno.writeFile(file, await Deno.readFile(archive), { append: true });
  await Deno.chmod(file, 0o755);
}

Deno.test("nfscribe in one file", async (t) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.chmod(path, 0o755);
  const places = new Places(path);
  const file = `${path}/nfscribe`;
  await must([ONEFILE, "--level", "1", "--output", file]);

  await t.step("is unpacked at its first start, and once for two at a time", async () => {
    const place = await places.next();
    for (const outcome of await Promise.all([start(place, file), start(place, file)])) {
      assertStarted(outcome);
    }
    const [tree, ...others] = await namesIn(place.unpacked);
    assertMatch(tree!, /^\d+\.\d+\.\d+-[0-9a-f]{64}$/);
    assertEquals(others, ["current"]);
    assertEquals(Deno.statSync(place.unpacked).mode! & 0o777, 0o700);
    const before = Deno.statSync(`${place.unpacked}/${tree}`);
    assertStarted(await start(place, file));
    assertEquals(Deno.statSync(`${place.unpacked}/${tree}`).ino, before.ino);
    assertEquals(await namesIn(place.temporary), []);
  });

  await t.step({
    name:
      "logs as root, with least rights, a check of types and its own name (needs root, nft, script and mounts)",
    ignore: !CAN_MOUNT || !CAN_LOG || !hasProgram("script"),
    fn: async () => {
      await using work = await folderWithFilter();
      await Deno.writeTextFile(
        `${work.path}/nfscribe.toml`,
        '[[source]]\ntype = "nflog"\ngroup = 1\n[filter]\nscript = "filter.ts"\n' +
          '[output.pcap]\npath = "a.pcap"\n',
      );
      const script = `mount -t tmpfs tmpfs /var/cache; cd "$0"; "$1" check; "$2" "$1" run
printf 'exit\\n' | script --quiet --return --command "$1 try" /dev/null`;
      const apart = [IN_NAMESPACE, "unshare", "--mount", "env", "-i", PATH, "HOME=/nonexistent"];
      const said = await must([...apart, "sh", "-euc", script, work.path, file, LOG_PINGS]);
      assertStringIncludes(said, "filter.ts: types checked, loads");
      assertStringIncludes(said, `\nNext: ${file} run\n`);
      assertStringIncludes(said, "filter: NotCapable");
      assertStringIncludes(said, "outputs pcap: written 5,");
      assertStringIncludes(said, `  ${file} run --group 1 --logemu - &`);
    },
  });

  await t.step({
    name: "makes a service of itself, on a booted Debian (needs root, systemd, nft and ping)",
    ignore: !CAN_BOOT,
    fn: async () => {
      const later = `${path}/later`;
      if (IS_BARE) {
        await laterVersion(`${path}/checkout`);
        await must([`${path}/checkout/scripts/onefile`, "--level", "1", "--output", later]);
      }
      await using machine = await BootedMachine.boot({
        "/srv/nfscribe": file,
        ...IS_BARE && { "/srv/later": later },
      });
      await machine.must("cp /srv/nfscribe /tmp/nfscribe");
      const hidden = await machine.run("/tmp/nfscribe init --service");
      assertEquals(hidden.code, 1);
      assertStringIncludes(hidden.stderr, "install /tmp/nfscribe /usr/local/bin/nfscribe");

      await machine.must("install /tmp/nfscribe /usr/local/bin/nfscribe");
      const service = [
        typed("installation.md", "One file").at(-1),
        ...typed("installation.md", "Start the service"),
      ];
      assertStringIncludes(
        await machine.must(service.join("\n")),
        "\n  /etc/systemd/system/nfscribe.service\n",
      );
      await machine.must("nfscribe rules --to nft | nft -f -; ping -c 1 127.0.0.1");
      await machine.until(`nfscribe stats --json | grep '"received":1,'`);
      await machine.must("nfscribe doctor --service");
      // It runs what root has unpacked.
      const running = "readlink -f /proc/$(systemctl show -P MainPID nfscribe)/exe";
      const deno = await machine.must(running);
      assertMatch(deno, /^\/var\/cache\/nfscribe-run\/\d/);
      assertStringIncludes(await machine.must("nfscribe init --service"), "nothing has changed");

      // A project's paths outlive the version, and its test needs no network.
      await machine.must("mkdir mine");
      const said = await machine.must("cd mine && nfscribe init --yes --group 2");
      const [, test] = /^(.* test) runs the filter's test\.$/m.exec(said)!;
      assertStringIncludes(await machine.must(`cd mine && ${test}`), "0 failed");
      if (!IS_BARE) return;
      await machine.must("install /srv/later /usr/local/bin/nfscribe; systemctl restart nfscribe");
      assert(await machine.must(running) !== deno);
      assertMatch(await machine.must("nfscribe --version"), /99\.0\.0/);
      await machine.must("nfscribe doctor --service");
      assertStringIncludes(await machine.must(`cd mine && ${test}`), "0 failed");
    },
  });
});

Deno.test("a file that unpacks itself", async (t) => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.chmod(path, 0o755);
  const places = new Places(path);
  const file = `${path}/small`;
  await smallFile(file);

  await t.step("removes other versions, but not one that runs", async () => {
    const place = await places.next();
    const older = (number: number) => `${place.unpacked}/0.0.${number}-${"0".repeat(64)}`;
    for (const number of [1, 2]) await must([...USER, "mkdir", "-p", older(number)]);
    await must([...USER, "chmod", "-R", "go=", `${place.home}/.cache`]);
    await must([...USER, "cp", "/bin/sleep", `${older(2)}/deno`]);
    const [command, ...args] = [...USER, `${older(2)}/deno`, "600"];
    const running = new Deno.Command(command!, { args }).spawn();
    await must(["sh", "-c", `until [ "$(readlink /proc/$1/exe)" = "$2" ]; do sleep 0.01; done`]
      .concat("sh", String(running.pid), `${older(2)}/deno`));
    assertStarted(await start(place, file));
    const names = await namesIn(place.unpacked);
    assertEquals(names.map((name) => name.startsWith("0.0.")), [true, false, false]);
    assertEquals(names[0], older(2).slice(place.unpacked.length + 1));
    running.kill("SIGKILL");
    await running.status;
  });

  await t.step("keeps a link to the version that was started last", async () => {
    const place = await places.next();
    const current = `${place.unpacked}/current`;
    await must([
      ...USER,
      "mkdir",
      "-p",
      place.unpacked,
      `${place.unpacked}/0.0.1-${"0".repeat(64)}`,
    ]);
    await must([...USER, "chmod", "-R", "go=", `${place.home}/.cache`]);
    await must([...USER, "ln", "-s", `0.0.1-${"0".repeat(64)}`, current]);
    for (let starts = 0; starts < 2; starts++) {
      assertStarted(await start(place, file));
      const [tree, ...others] = await namesIn(place.unpacked);
      assertEquals(others, ["current"]);
      assertEquals(Deno.readLinkSync(current), tree);
    }
  });

  await t.step("does not run if it is damaged", async () => {
    const place = await places.next();
    for (
      const change of ["truncate -s -10", "printf x | dd conv=notrunc seek=8000 bs=1 of="]
    ) {
      const damaged = `${path}/damaged`;
      await Deno.copyFile(file, damaged);
      await must(["sh", "-c", change.endsWith("=") ? `${change}"$0"` : `${change} "$0"`, damaged]);
      const { code, stdout, stderr } = await start(place, damaged);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(
        stderr,
        `nfscribe: ${damaged} is damaged: it does not have its checksum`,
      );
      assertEquals(await namesIn(place.unpacked), []);
    }
  });

  await t.step("goes elsewhere if the home is read-only, and says why if it cannot", async () => {
    const place = await places.next();
    await must([...USER, "chmod", "500", place.home]);
    assertStarted(await start(place, file));
    const [folder, ...others] = await namesIn(place.temporary);
    assertMatch(folder!, /^nfscribe-\d+$/);
    assertEquals(others, []);
    // Who may write to it could put other programs there.
    await must([...USER, "chmod", "777", `${place.temporary}/${folder}`]);
    const { code, stderr } = await start(place, file);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "nfscribe: Cannot unpack itself anywhere:\n");
    assertStringIncludes(stderr, `${place.unpacked}: cannot make it\n`);
    assertStringIncludes(stderr, `${folder}: it belongs to another user, or others may write to`);
  });

  await t.step({
    name: "takes no folder of another user's (needs root)",
    ignore: !IS_ROOT,
    fn: async () => {
      const place = await places.next();
      assertStarted(await start(place, file));
      await must(["chown", "-R", "0:0", place.unpacked]);
      await Deno.chmod(place.unpacked, 0o755);
      assertStarted(await start(place, file));
      assertMatch((await namesIn(place.temporary)).join(" "), /^nfscribe-64321$/);
    },
  });

  await t.step({
    name: "takes no folder that another user can replace (needs root)",
    ignore: !IS_ROOT,
    fn: async () => {
      const place = await places.next();
      const above = `${path}/above`;
      await must(["install", "-d", "-o", "64322", "-m", "755", above]);
      const home = await folderOfUser(`${above}/home`);
      assertStarted(await start({ ...place, home }, file));
      assertMatch((await namesIn(place.temporary)).join(" "), /^nfscribe-64321$/);
      const { code, stderr } = await start({ ...place, home, temporary: "-x y" }, file);
      assertEquals(code, 1);
      assertStringIncludes(stderr, `${home}/.cache/nfscribe/onefile: another user may put`);
      assertEquals(stderr.includes("-x y"), false);
    },
  });

  await t.step({
    name: "goes elsewhere if programs do not run from a folder (needs root and mounts)",
    ignore: !CAN_MOUNT,
    fn: async () => {
      const place = await places.next();
      const mounted = 'mount -t tmpfs -o noexec,mode=1777 tmpfs "$0" && exec "$@"';
      const apart = ["unshare", "--mount", "sh", "-c", mounted, place.home];
      assertStarted(await start(place, file, apart));
      assertMatch((await namesIn(place.temporary)).join(" "), /^nfscribe-64321$/);
    },
  });
});

Deno.test("scripts/onefile says what it cannot use, with exit status 2", async () => {
  const other = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
  for (
    const [args, message] of [
      [["--levl", "1"], `Cannot use "--levl"`],
      [["--output"], "--output takes a value"],
      [["--level", "0"], `--level must be a digit from 1, not "0"`],
      [["--machine", "riscv64"], "--machine must be x86_64 or aarch64"],
      [["--machine", other], `--machine ${other} takes --deno with the Deno `],
    ] as const
  ) {
    const { code, stdout, stderr } = await run([ONEFILE, ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
});
