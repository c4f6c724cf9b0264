import {
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { canRun, deno, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { AS_USER, GROUP, IS_ROOT, MAY_READ_PROJECT, readableCache, USER } from "./plain_user.ts";
import { flood } from "./traffic.ts";

const UNIT = `${ROOT}packaging/nfscribe.service`;
/** Python that every user may run, if there is one. */
const PYTHON = canRun("/usr/bin/python3", "--version") ? "/usr/bin/python3" : "python3";
const FILTERED: readonly string[] = [PYTHON, `${ROOT}tests/kernel/unit_filter.py`, UNIT];
const HAS_ANALYZE = canRun("systemd-analyze", "security", "--offline=true", UNIT);
/** Rights of the unit; an ordinary user has a namespace's already. */
const AS_UNIT: readonly string[] = IS_ROOT
  ? [
    ...AS_USER,
    "--inh-caps=-all,+net_admin",
    "--ambient-caps=+net_admin",
    "--bounding-set=-all,+net_admin",
    "--no-new-privs",
  ]
  : [];
const HAS_FILTER = HAS_ANALYZE && canRun(...FILTERED, "true");

Deno.test("the unit is as restricted as docs/systemd.md says (needs systemd-analyze)", {
  ignore: !HAS_ANALYZE,
}, async () => {
  const command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", UNIT];
  const { code, stdout } = await run(command);
  assertEquals(code, 0, stdout);
});

Deno.test("the web page's unit is more restricted still (needs systemd-analyze)", {
  ignore: !HAS_ANALYZE,
}, async () => {
  const unit = `${ROOT}packaging/nfscribe-web.service`;
  const command = ["systemd-analyze", "security", "--offline=true", "--threshold=12", unit];
  const { code, stdout } = await run(command);
  assertEquals(code, 0, stdout);
});

Deno.test(
  "the web page's unit lets nfscribe web run (needs systemd-analyze, libseccomp, python3)",
  { ignore: !HAS_FILTER },
  async () => {
    await using folder = await temporaryFolder();
    const [python, filter] = FILTERED;
    const web = deno("--allow-read", "--allow-net=127.0.0.1:9497", `${ROOT}main.ts`, "web");
    const child = new Deno.Command(python!, {
      args: [
        ...[filter!, `${ROOT}packaging/nfscribe-web.service`, ...web],
        ...["--sqlite", `${folder.path}/fw.db`, "--listen", "127.0.0.1:9497"],
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    const text = new TextDecoder().decode((await reader.read()).value);
    assertStringIncludes(text, "http://127.0.0.1:9497/?token=");
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    await reader.cancel();
  },
);

Deno.test("a second of crashes does not stop the unit permanently", async () => {
  const unit = await Deno.readTextFile(UNIT);
  const value = (name: string) =>
    parseInt(new RegExp(`^${name}=(\\d+)(?:ms|s)?$`, "m").exec(unit)![1]!);
  // Restarts of systemd before 254 in ten seconds at the most.
  assertGreater(value("StartLimitBurst"), 10_000 / value("RestartSec"));
  // Restarts of later versions in the whole time.
  const slow = value("StartLimitIntervalSec") / value("RestartMaxDelaySec");
  assertLess(value("RestartSteps") + slow, value("StartLimitBurst"));
});

Deno.test(
  "the unit's filter of system calls denies what it should (needs systemd-analyze, libseccomp, python3)",
  {
    ignore: !HAS_FILTER,
  },
  async () => {
    await using folder = await temporaryFolder();
    for (const command of [["chown", "1", folder.path], ["chroot", "/", "true"]]) {
      const { code, stderr } = await run([...FILTERED, ...command]);
      assertNotEquals(code, 0);
      assertStringIncludes(stderr, "Operation not permitted");
    }
  },
);

for (
  const [who, top] of [["", ""], [
    ", as the user that it is already",
    `user = ${USER}\ngroup = ${GROUP}\n`,
  ]]
) {
  Deno.test(
    `nfscribe runs under the unit's filter of system calls${who} (needs nft, systemd-analyze, libseccomp, python3, a project that any user may read)`,
    {
      ignore: !HAS_FILTER || !HAS_NFT || IS_ROOT && !MAY_READ_PROJECT || top !== "" && !IS_ROOT,
    },
    async () => {
      await using folder = await temporaryFolder();
      await using cache = await readableCache();
      if (IS_ROOT) await Deno.chown(folder.path, Number(USER), Number(GROUP));
      await using _rules = await nft([["output", "udp dport 9 log group 708"]]);
      const path = `${folder.path}/nfscribe.toml`;
      await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
      await Deno.writeTextFile(
        path,
        `${top}[[source]]\ntype = "nflog"\ngroup = 708\nqueue_timeout_ms = 10\n[filter]\nscript = "filter.ts"\n` +
          `[output.pcap]\npath = "a.pcap"\nrotate_size = 4096\ncompress = "gzip"\n` +
          `[output.logemu]\npath = "a.log"\n[log]\nformat = "json"\n`,
      );
      const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys", "--allow-run"];
      const [program, ...args] = [
        "env",
        `DENO_DIR=${cache.path}`,
        ...AS_UNIT,
        ...FILTERED,
        ...deno(...rights, `${ROOT}main.ts`, "run", "-c", path),
      ];
      const child = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
      let said = "";
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        said += text;
        if (!text.includes('"started"')) continue;
        await flood(250);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await flood(250);
        await until("a file is ended and compressed", () => hasCompressed(folder.path));
        child.kill("SIGHUP");
        child.kill("SIGTERM");
      }
      assertEquals((await child.status).code, 0, said);
      const stopped = said.split("\n").find((line) => line.includes('"stopped"'))!;
      const { counters: { outputs } } = JSON.parse(stopped);
      assertEquals([outputs.pcap.written, outputs.logemu.written], [500, 500]);
    },
  );
}

Deno.test(
  "nfscribe check, which a reload begins with, runs under the unit's filter of system calls (needs systemd-analyze, libseccomp, python3, a project that any user may read)",
  { ignore: !HAS_FILTER || IS_ROOT && !MAY_READ_PROJECT },
  async () => {
    await using folder = await temporaryFolder();
    await using cache = await readableCache();
    await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
    const file = `${folder.path}/nfscribe.toml`;
    const check = async (key: string) => {
      await Deno.writeTextFile(
        file,
        `[[source]]\ntype = "nflog"\ngroup = 708\n[filter]\nscript = "filter.ts"\n` +
          `[output.pcap]\n${key} = "a.pcap"\n`,
      );
      if (IS_ROOT) await must(["chown", "-R", `${USER}:${GROUP}`, folder.path]);
      const variables = [`DENO_DIR=${cache.path}`, `CACHE_DIRECTORY=${folder.path}`];
      const command = [`${ROOT}scripts/nfscribe`, "check", "--quiet", "--reload", "-c", file];
      return await run(["env", ...variables, ...AS_UNIT, ...FILTERED, ...command]);
    };
    assertEquals(await check("path"), { code: 0, stdout: "", stderr: "" });
    assertEquals((await check("pth")).code, 2);
  },
);

Deno.test("a reload is refused where nfscribe check refuses the configuration", async () => {
  const unit = await Deno.readTextFile(UNIT);
  const [, file] = /^ExecStart=\S+ run -c (\S+)$/m.exec(unit)!;
  const reload = [...unit.matchAll(/^ExecReload=(.*)$/gm)].map(([, command]) => command);
  assertEquals(reload, [
    `/usr/local/bin/nfscribe check --quiet --reload -c ${file}`,
    "/bin/kill -HUP $MAINPID",
  ]);
});

async function hasCompressed(folder: string): Promise<boolean> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.some(({ name }) => name.endsWith(".gz"));
}
