/**
 * A bare Debian below a folder, as a machine of its own: made once by mmdebstrap,
 * with a layer over it for each test.
 *
 * @module
 */

import {
  canRun,
  hasProgram,
  type Result,
  ROOT,
  run,
  temporaryFolder,
} from "../../system/process.ts";

/** Packages with which readers fetch, log and look at packets. There is no Deno, and nothing to fetch it with. */
const PACKAGES = "adduser,git,iproute2,iptables,iputils-ping,nftables,tcpdump";

/** Reason why a test may be ignored, for the test's name. */
export const HAS_DEBIAN: boolean = Deno.uid() === 0 && hasProgram("mmdebstrap") &&
  hasProgram("apt-get") && canRun("unshare", "--mount", "--pid", "--fork", "--net", "true");

/**
 * Mounts the layers ($1: the base, $2: the test's folder), and where there is one the folder $3
 * by its own path, and runs the other words in them.
 */
const ENTER = `set -e
root=$2/merged
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ -n "$3" ]; then
  mkdir -p "$root$3"
  mount --bind "$3" "$root$3"
fi
echo fw >/proc/sys/kernel/hostname
shift 3
exec chroot "$root" "$@"`;
/** The environment of a user who has just logged in. */
const LOGGED_IN = [
  ...["env", "-i", "HOME=/root", "LC_ALL=C.UTF-8", "NO_COLOR=1"],
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
];

/** The machine; disposing removes what has been changed on it. */
export class DebianRoot implements AsyncDisposable {
  readonly #base: string;
  readonly #folder: { path: string } & AsyncDisposable;

  private constructor(base: string, folder: { path: string } & AsyncDisposable) {
    this.#base = base;
    this.#folder = folder;
  }

  /** Makes one; the first takes half a minute and a Debian mirror. */
  static async make(): Promise<DebianRoot> {
    const base = await debianBase();
    const folder = await temporaryFolder();
    for (const name of ["upper", "work", "merged"]) await Deno.mkdir(`${folder.path}/${name}`);
    await Deno.chmod(`${folder.path}/upper`, 0o755);
    return new DebianRoot(base, folder);
  }

  /** Folder for its files, while nothing runs on it. */
  get files(): string {
    return `${this.#folder.path}/upper`;
  }

  /**
   * Runs a shell script on it as root, with processes and mounts of its own.
   *
   * @param script The script.
   * @param network This machine's, or one without any other machine.
   */
  async run(script: string, network: "none" | "shared" = "none"): Promise<Result> {
    const alone = network === "none";
    const trust = alone ? [] : await this.#shareNetwork();
    const up = alone ? "ip link set lo up\n" : "";
    return await run([...LOGGED_IN, ...trust, ...this.#enter(alone, ""), "sh", "-c", up + script]);
  }

  /** Makes the words that run bash there as root, without any other machine. */
  bash(folder: string): string[] {
    const bash = "ip link set lo up; cd; exec bash --noprofile --norc";
    return ["setsid", ...LOGGED_IN, ...this.#enter(true, folder), "sh", "-c", bash];
  }

  /** Makes the words that run a program on it, with processes and mounts of its own. */
  #enter(alone: boolean, folder: string): string[] {
    const apart = [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "--uts",
      ...alone ? ["--net"] : [],
    ];
    return ["unshare", ...apart, "sh", "-c", ENTER, "sh", this.#base, this.#folder.path, folder];
  }

  /**
   * Runs a script that must succeed.
   *
   * @returns What it printed.
   */
  async must(script: string, network: "none" | "shared" = "none"): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, network);
    if (code !== 0) throw new Error(`${script}\nexit status ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Has it know the names that this machine knows, and trust whom it trusts. */
  async #shareNetwork(): Promise<string[]> {
    await Deno.mkdir(`${this.files}/etc`, { recursive: true });
    await Deno.copyFile("/etc/resolv.conf", `${this.files}/etc/resolv.conf`);
    const authorities = Deno.env.get("NODE_EXTRA_CA_CERTS");
    if (authorities === undefined) return [];
    await Deno.copyFile(authorities, `${this.files}/etc/authorities.pem`);
    return ["NODE_EXTRA_CA_CERTS=/etc/authorities.pem"];
  }

  /**
   * Puts the project there, as a fresh checkout of what is here.
   *
   * @param folder Where.
   */
  async checkOut(folder: string): Promise<void> {
    const into = this.files + folder;
    await Deno.mkdir(into, { recursive: true });
    const copy = `cd "$1"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$2"`;
    const { code, stderr } = await run(["sh", "-c", copy, "sh", ROOT, into]);
    if (code !== 0) throw new Error(stderr);
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/**
 * Makes the base, which is kept, of the release that this machine has, and from its mirror.
 *
 * @param further Packages beside the usual ones, with commas; each list has a base.
 */
export async function debianBase(further = ""): Promise<string> {
  const packages = PACKAGES + (further && `,${further}`);
  const { code, stdout, stderr } = await run([
    "sh",
    "-c",
    `set -e
. /etc/os-release
base=\${TMPDIR:-/tmp}/nfscribe-debian-$VERSION_CODENAME-${packages.replaceAll(",", "+")}
exec 9>"$base.lock"
flock 9
if [ ! -d "$base" ]; then
  mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 'Component: main' |
    sed -n "s/^$VERSION_CODENAME //p" | head -n 1)
  rm -rf "$base.part"
  mmdebstrap --quiet --variant=minbase --include=${packages} "$VERSION_CODENAME" "$base.part" "$mirror" >&2
  mv "$base.part" "$base"
fi
echo "$base"`,
  ]);
  if (code !== 0) throw new Error(`Cannot make a Debian root: ${stderr}`);
  return stdout.trim();
}
