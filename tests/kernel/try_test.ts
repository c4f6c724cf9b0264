import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { Typist } from "../system/typist.ts";
import { HAS_IPTABLES, HAS_NFT } from "./firewall.ts";
import { AS_USER, IS_ROOT, MAY_READ_PROJECT, readableCache } from "./plain_user.ts";

const LAUNCHER = `${ROOT}scripts/nfscribe`;
/** Ways to start it: the launcher, and a process of Deno that executes the command. */
const TRY = {
  "scripts/nfscribe try": [LAUNCHER, "try"],
  "main.ts try": deno("--allow-ffi", `${ROOT}main.ts`, "try"),
} as const;

for (const [name, words] of Object.entries(TRY)) {
  Deno.test(`${name}: the command has a network of its own, with loopback up`, async () => {
    const inside = "readlink /proc/self/ns/net; ping -qc 1 127.0.0.1; ip -o link";
    const [namespace, ...rest] = (await must([...words, "sh", "-ec", inside])).split("\n");
    assertMatch(namespace!, /^net:\[\d+\]$/);
    assert(namespace !== (await must(["readlink", "/proc/self/ns/net"])).trim());
    assertStringIncludes(rest.join("\n"), "1 received");
    assertEquals(rest.filter((line) => /^\d+: /.test(line)).length, 1);
  });

  Deno.test(`${name}: arguments, input, default signals and the exit status are the command's`, async () => {
    // Deno ignores SIGPIPE.
    const program = 'printf "<%s>" "$@"; cat; sh -c "kill -PIPE \\$\\$"; echo $?; exit 7';
    const given = ["a\nb", "--", "--help", "", "-x y"];
    const { code, stdout } = await run([...words, "sh", "-c", program, "sh", ...given], "input\n");
    assertEquals(code, 7);
    assertEquals(stdout, "<a\nb><--><--help><><-x y>input\n141\n");
    assertEquals((await run([...words, "--", "printf", "--", "-x"])).stdout, "-x");
  });

  Deno.test(`${name}: an unknown command is status 127, a wrong option 2`, async () => {
    const absent = await run([...words, "no-such-command"]);
    assertEquals([absent.code, absent.stderr], [
      127,
      "nfscribe: Cannot run no-such-command: there is no such command\n",
    ]);
    const wrong = await run([...words, "--jsn", "true"]);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, "There is no option --jsn");
    assertStringIncludes(
      await must([...words, "--help"]),
      "Usage: nfscribe try [OPTION…] [COMMAND",
    );
  });

  Deno.test(
    `${name}: leaves no lock of iptables behind (needs iptables)`,
    { ignore: !HAS_IPTABLES },
    async () => {
      await using folder = await temporaryFolder();
      const rule = "iptables-legacy -A OUTPUT -j NFLOG && iptables-legacy -S OUTPUT";
      const command = ["env", `TMPDIR=${folder.path}`, ...words, "sh", "-ec", rule];
      assertStringIncludes(await must(command), "-A OUTPUT -j NFLOG");
      assertEquals([...Deno.readDirSync(folder.path)], []);
    },
  );
}

Deno.test("scripts/nfscribe try: the command has the environment of its caller", async () => {
  const own = [
    "env",
    "-i",
    "PATH=/usr/bin:/bin",
    "HOME=/nowhere",
    "DENO_DIR=/mine",
    "NODE_PATH=/a",
  ];
  const seen = (await must([...own, LAUNCHER, "try", "env"])).trimEnd().split("\n").sort();
  assertEquals(seen.filter((line) => !line.startsWith("PWD=") && !line.startsWith("_=")), [
    "DENO_DIR=/mine",
    "HOME=/nowhere",
    "NODE_PATH=/a",
    "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
    "XTABLES_LOCKFILE=/proc/self/ns/net",
  ]);
});

/** Types the commands that the shell shows on its first lines; returns their output. */
async function typeShownCommands(words: readonly string[], folder: string): Promise<string> {
  await using typist = Typist.start(words, folder);
  const greeting = await typist.see("rules go with the network.");
  const commands = greeting.replaceAll("\r", "").split("\n\n")[1]!;
  await typist.type(`PS1= PS2=\n${commands.slice(0, commands.indexOf("  ping"))}\n`);
  await typist.see("started");
  await typist.type(`${commands.slice(commands.indexOf("  ping"))}\n`);
  const seen = await typist.see("PROTO=ICMP");
  // A shell leaves its jobs running when it exits.
  await typist.type("kill %1\n");
  await typist.see("stopped");
  return seen;
}

const { DENO_DIR = "" } = Deno.env.toObject();
Deno.test(
  "scripts/nfscribe try: a shell shows commands to type, which log pings (needs nft and script)",
  { ignore: !HAS_NFT || !canRun("script", "--version") },
  async () => {
    await using folder = await temporaryFolder();
    await using cache = await readableCache();
    const words = ["env", `DENO_DIR=${DENO_DIR || cache.path}`, LAUNCHER, "try"];
    assertMatch(await typeShownCommands(words, folder.path), /OUT=lo .*PROTO=ICMP$/s);
  },
);

Deno.test(
  "scripts/nfscribe try: an ordinary user keeps the user id, and can log (needs root, nft, and a project that any user may read)",
  {
    ignore: !IS_ROOT || !HAS_NFT || !MAY_READ_PROJECT ||
      !canRun(...AS_USER, LAUNCHER, "try", "true"),
  },
  async () => {
    const program = `id -u; nft add table inet t
nft add chain inet t c '{ type filter hook output priority 0; }'
nft add rule inet t c log group 1
${deno("--allow-ffi", `${ROOT}main.ts`).join(" ")} watch --group 1 --count 1 &
until grep -q . /proc/net/netfilter/nf_log; do :; done
while kill -0 $! 2>/dev/null; do ping -qc 1 127.0.0.1 >/dev/null; done; wait $!`;
    await using cache = await readableCache();
    const env = ["env", `DENO_DIR=${cache.path}`];
    const { code, stdout, stderr } = await run([
      ...env,
      ...AS_USER,
      LAUNCHER,
      "try",
      "sh",
      "-c",
      program,
    ]);
    assertEquals(code, 0, stderr);
    const [uid, packet] = stdout.split("\n");
    assertEquals(uid, AS_USER[1]!.split("=")[1]);
    assertStringIncludes(packet!, "127.0.0.1 > 127.0.0.1 ICMP echo request");
  },
);
