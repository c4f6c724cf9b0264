/**
 * Stand-ins of a reader's machine for shells of {@linkcode Book.walk}: folders that
 * may be changed, and programs in place of those that are not here.
 *
 * @module
 */

import { canRun } from "../system/process.ts";

/** Whether these tests run as root, as their readers do. */
export const IS_ROOT: boolean = canRun("sh", "-c", '[ "$(id -u)" = 0 ]');

/** Copies of the system's folders in the shell's own mounts: what it writes there is gone after it. */
export const OWN_SYSTEM = `
mount -t tmpfs tmpfs /mnt
for folder in etc run var; do
  mkdir /mnt/$folder /mnt/$folder.work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/mnt/$folder,workdir=/mnt/$folder.work /$folder
done
`;

/** Debian's /etc/nftables.conf, loaded. */
export const NFTABLES = `
cat > /etc/nftables.conf <<'END'
flush ruleset
table inet filter {
  chain input { type filter hook input priority filter; }
  chain forward { type filter hook forward priority filter; }
  chain output { type filter hook output priority filter; }
}
END
nft -f /etc/nftables.conf
`;

/**
 * firewalld without its bus: the same rules by the program that writes its files, then
 * the daemon's own code loads them into the kernel.
 */
export const FIREWALLD = `
firewall-cmd() {
  if [ "$1" = --reload ]; then
    python=$(sed -n '1s/^#!\\([^ ]*\\).*/\\1/p' "$(command -v firewall-offline-cmd)")
    "$python" -c 'from firewall.core.fw import Firewall; Firewall().start()'
  else
    [ "$1" != --permanent ] || shift
    firewall-offline-cmd "$@"
  fi
}
firewall-cmd --reload
`;

/** ufw at work. */
export const UFW = `
sed -i 's/^IPT_MODULES=.*/IPT_MODULES=/' /etc/default/ufw
ufw --force enable
`;

/** Docker's chain, and a container at the end of a pair of interfaces, which engines tell of. */
export const CONTAINER = `
iptables -N DOCKER-USER
iptables -I FORWARD -j DOCKER-USER
unshare --net sleep 600 & container=$!; disown
until [ "$(readlink /proc/$container/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
ip link add docker0 type veth peer name eth0 netns $container
ip address add 172.17.0.1/16 dev docker0
ip link set docker0 up
nsenter -t $container -n ip address add 172.17.0.2/16 dev eth0
nsenter -t $container -n ip link set eth0 up
docker() { [ "$*" = "inspect -f {{.State.Pid}} web" ] && echo $container; }
crictl() { [ "$*" = "inspect -o go-template --template {{.info.pid}} 4f2a" ] && echo $container; }
`;

/** A checkout: `deno` finds the project's import map, and scripts are where they should be. */
export const CHECKOUT = `
deno() { command deno "$1" --quiet --config "$ROOT/deno.json" "\${@:2}"; }
mkdir scripts
printf '#!/bin/sh\\nexec "$ROOT/scripts/demo"\\n' > scripts/demo
chmod +x scripts/demo
ln -s "$ROOT/scripts/nfscribe" scripts/nfscribe
`;
