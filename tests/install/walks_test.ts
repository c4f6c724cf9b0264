import { assertEquals } from "@std/assert";
import { Book, type Walk } from "../docs/book.ts";
import { must, ROOT } from "../system/process.ts";
import { DebianRoot, HAS_DEBIAN } from "./debian/root.ts";

/** Deno's site, as `curl` gets it: an installer, which takes the Deno that runs this test. */
const CURL = `#!/bin/sh
[ "$*" = "-fsSL https://deno.land/install.sh" ] || exit 22
echo 'install -D /srv/deno "$DENO_INSTALL/bin/deno"'
`;
/** As docs/installation.md gives a checkout's command the documents' name. */
const COMMAND = `shopt -s expand_aliases; alias nfscribe=$HOME/nfscribe/scripts/nfscribe\n`;
/** A rule of the administrator's. */
const LOGGING = `iptables -A INPUT -p udp --dport 53 -j LOG --log-prefix "dns "\n`;
/** Another user's home, with the Deno that they have. */
const DEVELOPER = `mkdir -p /srv/developer/.cache/deno /srv/developer/project
cp -al .cache/deno/npm .cache/deno/dl /srv/developer/.cache/deno
HOME=/srv/developer PATH=/srv:$PATH; cd ~/project
`;
const ADDRESS = { "ADDRESS-OF-THIS-REPOSITORY": "/srv/repository" };

/**
 * Brings to a machine below a folder ($1) what networks have for its readers: the repository $2 as
 * its files are now, Deno ($3), and packages of npm, in Deno's folder ($4).
 */
const BRING = `set -e
mkdir -p "$1/srv" "$1/root/.cache/deno"
git clone --quiet --bare --depth 1 "file://$2" "$1/srv/repository"
export GIT_DIR="$1/srv/repository" GIT_WORK_TREE="$2"
git read-tree HEAD
git add --all "$2"
git -c user.name=writer -c user.email=writer@example.org commit --quiet --allow-empty --message "As it is"
cp "$3" "$1/srv/deno"
cp -R "$4/npm" "$4/dl" "$1/root/.cache/deno"`;

/** Makes a bare Debian. */
async function bareMachine(): Promise<DebianRoot> {
  const machine = await DebianRoot.make();
  const { files } = machine;
  const { denoDir } = JSON.parse(await must([Deno.execPath(), "info", "--json"]));
  await must(["sh", "-c", BRING, "sh", files, ROOT.slice(0, -1), Deno.execPath(), denoDir]);
  await Deno.mkdir(`${files}/usr/local/bin`, { recursive: true });
  await Deno.writeTextFile(`${files}/usr/local/bin/curl`, CURL, { mode: 0o755 });
  await Deno.symlink("/bin/true", `${files}/usr/local/bin/unzip`);
  return machine;
}

Deno.test({
  name: "From nothing, each reader of the documents comes to a first success on a bare Debian " +
    "(needs root, mmdebstrap and a mirror)",
  ignore: !HAS_DEBIAN,
  fn: async (t) => {
    await using machine = await bareMachine();
    assertEquals((await machine.run("command -v deno npm")).stdout, "");
    const walk = async (document: string, walk: Walk = {}) =>
      await (await Book.read(document)).walk({ machine, ...walk });

    await t.step("who wants to look, writes a filter, or searches with SQL", async () => {
      await walk("README.md", { fill: ADDRESS });
    });

    await t.step("who looks at what a rule logs", async () => {
      await walk("docs/getting-started.md", { headings: ["Look on"], setup: COMMAND });
    });

    await t.step("an administrator with ulogd", async () => {
      const setup = `nfscribe/scripts/install; mkdir ulogd; cd ulogd\n${LOGGING}`;
      await walk("docs/migration.md", { setup });
    });

    await t.step("a Deno developer with a project of their own", async () => {
      await walk("docs/library.md", {
        headings: ["A project of your own"],
        setup: DEVELOPER,
        fill: ADDRESS,
      });
    });
  },
});
