import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, hasProgram, must, ROOT, run } from "../system/process.ts";
import { IS_BARE } from "./booted/machine.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

/**
 * Runs the words behind the first, a home, where programs for arm64 run by qemu: uname tells that
 * machine's name, and its C library lies in its place.
 */
const AS_ARM64 = `set -e
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
printf '%s' ':arm64:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:/usr/bin/qemu-aarch64-static:F' >/proc/sys/fs/binfmt_misc/register
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/bin
cp -a /usr/aarch64-linux-gnu/lib /mnt/upper/aarch64-linux-gnu
ln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 /mnt/upper/
mount -t overlay overlay -o lowerdir=/usr/lib,upperdir=/mnt/upper,workdir=/mnt/work /usr/lib
printf '#!/bin/sh\\necho aarch64\\n' >/mnt/bin/uname
chmod 755 /mnt/bin/uname
home=$1
shift
exec env -i PATH=/mnt/bin:/usr/bin:/bin HOME="$home" "$@"`;
const APART = ["unshare", "--user", "--map-root-user", "--mount", "--net"];
const IS_POSSIBLE = IS_BARE && Deno.build.arch === "x86_64" && CAN_LOG &&
  hasProgram("qemu-aarch64-static") &&
  canRun("test", "-e", "/usr/aarch64-linux-gnu/lib/libc.so.6") &&
  canRun(...APART, "mount", "-t", "binfmt_misc", "binfmt_misc", "/mnt");

/** Fetches Deno for arm64 into a folder; returns undefined where npm does not have it. */
async function fetchDeno(folder: string): Promise<string | undefined> {
  const version = (await Deno.readTextFile(`${ROOT}.dvmrc`)).trim();
  const fetching = `cd "$0" && tar -xzf "$(npm pack --silent "@deno/linux-arm64-glibc@$1")"`;
  const { code } = await run(["sh", "-c", fetching, folder, version]);
  return code === 0 ? `${folder}/package/deno` : undefined;
}

Deno.test(
  "nfscribe in one file on arm64, as qemu has it (BARE_DEBIAN=1; needs qemu-user-static and libc6-arm64-cross)",
  { ignore: !IS_POSSIBLE },
  async (t) => {
    await using folder = await folderWithFilter();
    const { path } = folder;
    const deno = await fetchDeno(path);
    if (deno === undefined) {
      console.log("Skipped: npm does not have Deno for arm64");
      return;
    }
    const file = `${path}/nfscribe`;
    const build = ["--machine", "aarch64", "--deno", deno, "--level", "1", "--output", file];
    await must([`${ROOT}scripts/onefile`, ...build]);
    const { denoDir } = JSON.parse(await must([Deno.execPath(), "info", "--json"]));
    const own = ["env", "-C", path, `HOME=${path}`, `DENO_DIR=${denoDir}`];
    const onArm64 = async (...args: string[]) =>
      await run([...own, ...APART, "sh", "-c", AS_ARM64, "sh", path, file, ...args]);
    const configure = async (filter: string) =>
      await Deno.writeTextFile(
        `${path}/nfscribe.toml`,
        `[[source]]\ntype = "pcap"\npath = "in.pcap"\n[filter]\nscript = "filter.ts"\n${filter}
[output.pcap]\npath = "out.pcap"\n[output.logemu]\npath = "out.log"\n`,
      );

    await t.step("starts", async () => {
      assertMatch((await onArm64("--version")).stdout, /^nfscribe \d/);
      assertStringIncludes((await onArm64("--help")).stdout, "Usage: nfscribe COMMAND");
    });

    await t.step("says that the sandbox is not sealed, as qemu has no seccomp", async () => {
      const ping = [IN_NAMESPACE, LOG_PINGS, `${ROOT}scripts/nfscribe`, "run", "--group", "1"];
      await must([...own, ...ping, "--pcap", "in.pcap"]);
      await configure("");
      // Types are checked here, which takes minutes there: what was right is noted.
      await must([...own, `${ROOT}scripts/nfscribe`, "check"]);
      const { code, stderr } = await onArm64("check");
      assertEquals(code, 2);
      assertStringIncludes(stderr, "Cannot filter system calls (seccomp): ENOSYS");
    });

    await t.step("checks a filter, and replays a capture through it", async () => {
      await configure("unsealed = true\n");
      assertStringIncludes((await onArm64("check")).stdout, "filter.ts: types checked, loads");
      const { stderr } = await onArm64("replay", "in.pcap");
      assertStringIncludes(stderr, "received 5, lost 0, malformed 0");
      assertStringIncludes(stderr, "outputs pcap: written 5,");
      assertEquals(await Deno.readFile(`${path}/out.pcap`), await Deno.readFile(`${path}/in.pcap`));
    });
  },
);
