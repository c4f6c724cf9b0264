# Runs a command, or else a shell, in a network namespace of its own, with loopback up:
# as root directly, as a plain user through a user namespace, in which the user stays
# the same and may configure the network.
#
#     sh -c "$(cat in_namespace.sh)" NFSCRIBE [COMMAND [ARGUMENT…]]
#
# NFSCRIBE is what to type for nfscribe.
set -eu
has() { command -v "$1" >/dev/null 2>&1; }
fail() {
  echo "nfscribe: Cannot make a network namespace: $*" >&2
  exit 1
}

# Debian has nft and iptables there, which is not on the path of plain users.
PATH=$PATH:/usr/sbin:/sbin
# iptables-legacy locks a file that plain users may not write; a namespace's own entry
# in /proc can be locked by everybody, and leaves nothing behind.
XTABLES_LOCKFILE=/proc/self/ns/net
export PATH XTABLES_LOCKFILE

has unshare || fail "there is no unshare; install util-linux"
has ip || fail "there is no ip; install iproute2"

as_user="--map-current-user --keep-caps"
if [ "$(id -u)" -eq 0 ] && unshare --net true 2>/dev/null; then
  user=
elif why=$(unshare --net $as_user true 2>&1); then
  user=$as_user
elif [ "$(id -u)" -eq 0 ]; then
  fail "$why; a container must have CAP_SYS_ADMIN for that, as with docker run --cap-add SYS_ADMIN"
else
  fail "$why; this system gives none to plain users: be root, as with sudo"
fi

if [ $# -eq 0 ]; then
  set -- "${SHELL:-/bin/sh}"
  if has nft; then
    rule="nft 'add table inet try
    add chain inet try output { type filter hook output priority 0; }
    add rule inet try output icmp type echo-request log group 1'"
  else
    rule="iptables -I OUTPUT -p icmp --icmp-type echo-request -j NFLOG --nflog-group 1"
  fi
  [ ! -t 0 ] || cat >&2 <<END
This shell has a network of its own: loopback is up, the world outside is not there.
Log the pings that are sent, and send some:

  $rule
  $0 run --group 1 --logemu - &
  ping -c 3 127.0.0.1

kill %1 ends nfscribe, exit the shell; rules go with the network.
END
fi
exec unshare --net $user -- sh -c '
  ip link set lo up || {
    echo "nfscribe: Cannot bring up loopback in a network namespace: be root, as with sudo" >&2
    exit 1
  }
  command -v "$1" >/dev/null || {
    echo "nfscribe: Cannot run $1: there is no such command" >&2
    exit 127
  }
  exec "$@"' sh "$@"
