import { assertEquals, assertStringIncludes } from "@std/assert";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Whether this is root, who may give files away. */
const MAY_GIVE = canRun(
  "sh",
  "-c",
  'test "$(id -u)" = 0 && grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map',
);

/** Commands that read the configuration in the current folder. */
const COMMANDS = [
  "check",
  "db init",
  "doctor",
  "replay none.pcap",
  "rules --flags",
  "run",
  "stats",
  "test filter.ts none.pcap",
  "watch",
];

Deno.test({
  name:
    "root takes no configuration that only lies in the current folder and that others may change (needs root)",
  ignore: !MAY_GIVE,
}, async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  // Who takes it would try to ask this server.
  const config = '[[source]]\ntype = "nflog"\ngroup = 1\n[output.postgres]\n' +
    'url = "postgres://root@127.0.0.1:1/x"\n[stats]\nsocket = "n.sock"\n';
  await Deno.writeTextFile(`${path}/nfscribe.toml`, config);
  const started = (words: string) =>
    run(["sh", "-c", 'cd "$0" && exec "$@"', path].concat(
      deno("--allow-all", `${ROOT}main.ts`, ...words.split(" ")),
    ));
  for (
    const [change, why] of [
      ["chown 64321 nfscribe.toml", "user 64321 owns it"],
      ["chown 0 nfscribe.toml; chmod o+w nfscribe.toml", "everybody may write to it"],
      [
        "chmod o-w nfscribe.toml; chgrp 64321 nfscribe.toml; chmod g+w nfscribe.toml",
        "group 64321 may write to it",
      ],
      [
        "chmod g-w nfscribe.toml; mv nfscribe.toml real; ln -s real nfscribe.toml; chown -h 64321 nfscribe.toml",
        "user 64321 owns it",
      ],
    ] as const
  ) {
    await must(["sh", "-euc", `cd "$0"; ${change}`, path]);
    const { code, stderr } = await started("check");
    assertEquals(code, 2);
    assertStringIncludes(
      stderr,
      "nfscribe.toml: root does not use a configuration that others may change because it lies in the " +
        `current folder, and ${why}; look at it, and name it: -c ./nfscribe.toml`,
    );
  }
  for (const words of COMMANDS) {
    const { code, stderr } = await started(words);
    assertEquals(code, 2, `${words}: ${stderr}`);
    assertStringIncludes(stderr, "root does not use a configuration that others may change", words);
  }
  assertEquals((await started("check -c ./nfscribe.toml")).code, 0);
  await must(["chown", "-h", "0", `${path}/nfscribe.toml`]);
  assertEquals((await started("check")).code, 0);
});
