import { assertEquals, assertStringIncludes } from "@std/assert";
import { canRun, type Result, ROOT, run } from "../system/process.ts";
import { GROUP, IS_ROOT, USER } from "./plain_user.ts";

/** Mounts layers over folders of the system that only this command sees. */
const OWN_SYSTEM = `set -e
mount -t tmpfs tmpfs /mnt
for folder in etc run var srv; do
  mkdir /mnt/$folder /mnt/$folder.work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder.work /$folder
done
`;
const needsMounts = {
  ignore: !IS_ROOT || !canRun("unshare", "--mount", "sh", "-c", OWN_SYSTEM),
};

/** Files of an installation, with a filter that was copied there as root. */
const INSTALLED = `umask 022
mkdir -p /run/systemd/system
sed 's/^User=.*/User=${USER}/; s/^Group=.*/Group=${GROUP}/' ${ROOT}packaging/nfscribe.service \
  >/run/systemd/system/nfscribe.service
install -d -m 750 -g ${GROUP} /etc/nfscribe
install -m 640 -g ${GROUP} ${ROOT}packaging/nfscribe.toml /etc/nfscribe/
printf '[filter]\\nscript = "filter.ts"\\n' >>/etc/nfscribe/nfscribe.toml
echo 'import { output } from "./output.ts"; export default () => output;' >/etc/nfscribe/filter.ts
echo 'export const output = "pcap";' >/etc/nfscribe/output.ts
chmod 640 /etc/nfscribe/*.ts
install -d -m 750 -o ${USER} -g ${GROUP} /var/log/nfscribe
set +e
`;
const NFSCRIBE = `${ROOT}scripts/nfscribe`;
const FILE = "/etc/nfscribe/nfscribe.toml";

/** Runs commands on a system on which nfscribe is installed. */
function onSystem(commands: string): Promise<Result> {
  return run(["unshare", "--mount", "sh", "-c", OWN_SYSTEM + INSTALLED + commands]);
}

Deno.test(
  "check tests files as the service's user, and prints the commands that repair them (needs root and mounts)",
  needsMounts,
  async () => {
    const { code, stderr } = await onSystem(`${NFSCRIBE} check -c ${FILE}`);
    const cure = (name: string) =>
      `nfscribe: the filter: /etc/nfscribe/${name}: let ${USER} read it: ` +
      `chgrp ${GROUP} /etc/nfscribe/${name} && chmod g+r /etc/nfscribe/${name}\n`;
    assertEquals(
      [code, stderr],
      [
        2,
        `nfscribe: ${FILE}: user ${USER}, as nfscribe.service says, cannot use these:\n` +
        cure("filter.ts") + cure("output.ts"),
      ],
    );
  },
);

Deno.test(
  "after these commands, check names the user, and the service as the next step (needs root and mounts)",
  needsMounts,
  async () => {
    const { code, stdout, stderr } = await onSystem(
      `${NFSCRIBE} check -c ${FILE} 2>&1 | sed -n 's/.*: chgrp/chgrp/p' >/run/cures
    . /run/cures
    ${NFSCRIBE} check --quiet -c ${FILE} && ${NFSCRIBE} check -c ${FILE}`,
    );
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, `${FILE}: ok\n`);
    assertStringIncludes(
      stdout,
      `\n  user     ${USER}, as nfscribe.service says; may use all of this\n`,
    );
    assertEquals(
      stdout.slice(stdout.indexOf("\nNext:")),
      "\nNext: systemctl enable --now nfscribe\n" +
        "      systemctl reload nfscribe, where it runs already\n",
    );
  },
);

Deno.test(
  "check names files of root's own run, and folders that the unit protects (needs root and mounts)",
  needsMounts,
  async () => {
    const { code, stderr } = await onSystem(
      `chgrp ${GROUP} /etc/nfscribe/*.ts
    touch /var/log/nfscribe/nfscribe.pcap
    printf '[output.web]\\ntype = "pcap"\\npath = "/srv/web.pcap"\\n' >>${FILE}
    printf '[output.own]\\ntype = "logemu"\\npath = "/root/own.log"\\n' >>${FILE}
    ${NFSCRIBE} check -c ${FILE}`,
    );
    assertEquals([code, stderr.split("\n").slice(1)], [2, [
      `nfscribe: output pcap: /var/log/nfscribe/nfscribe.pcap: let it belong to ${USER}: ` +
      `chown ${USER}:${GROUP} /var/log/nfscribe/nfscribe.pcap`,
      "nfscribe: output web: /srv/web.pcap: nfscribe.service may not write there; choose a folder " +
      "below /var/lib/nfscribe/, or add [Service] and ReadWritePaths=/srv/ to what this opens: " +
      "systemctl edit nfscribe.service",
      "nfscribe: output own: /root/own.log: nfscribe.service does not see /root/ (ProtectHome=); " +
      "choose another folder",
      "",
    ]]);
  },
);

Deno.test(
  "doctor tests files as the service's user, too (needs root and mounts)",
  needsMounts,
  async () => {
    const { code, stdout } = await onSystem(
      `chgrp ${GROUP} /etc/nfscribe/output.ts
    ${NFSCRIBE} doctor --json -c ${FILE}`,
    );
    const { checks } = JSON.parse(stdout);
    const found = (name: string) =>
      checks.find(({ check }: { check: string }) => check === name) ?? {};
    assertEquals(code, 1);
    assertEquals(found("user").message, `nfscribe becomes ${USER}, as nfscribe.service says`);
    assertEquals([found("the filter").state, found("the filter").commands], [
      "fix",
      [`chgrp ${GROUP} /etc/nfscribe/filter.ts && chmod g+r /etc/nfscribe/filter.ts`],
    ]);
    assertEquals(found("output pcap").state, "ok");
  },
);

Deno.test(
  "commands read the service's configuration if the current folder has none (needs root and mounts)",
  needsMounts,
  async () => {
    const { code, stdout, stderr } = await onSystem(
      `chgrp ${GROUP} /etc/nfscribe/*.ts; cd /
      for command in "check --quiet" "rules --to nft" "db schema" "run --flags"; do
        ${NFSCRIBE} $command >/run/said || exit
      done
      cat /run/said
      ${NFSCRIBE} stats
      cd /run && echo wrong >nfscribe.toml && ${NFSCRIBE} check`,
    );
    assertStringIncludes(stdout, "/etc/nfscribe/");
    assertEquals(code, 2);
    const [asked, own] = stderr.split("\n");
    assertStringIncludes(asked!, "/run/nfscribe/stats.sock");
    assertStringIncludes(own!, "nfscribe: nfscribe.toml: is not TOML");
  },
);
