/** Script that makes a NATS server of a fleet a service. Pure. */

/** Returns the script, for the unit of Debian's package. */
export function installScript(): string {
  return `#!/bin/sh
# Makes this machine's NATS server a service: sh install-server NAME, as root, after
# apt-get install nats-server. It takes this file and, of servers/: NAME.conf, NAME.pem, NAME-key.pem,
# users.conf and ca.pem. Again after a change of users.conf: the server reads it anew.
# Port 4222 is for hosts and centres, 6222 for the servers among themselves.
set -eu
name=\${1:?"the name of this server is missing: sh install-server NAME"}
root=\${DESTDIR:-}
cd "$(dirname "$0")/servers"
mkdir -p "$root/etc/nats" "$root/var/lib/nats"
cp "$name.pem" "$name-key.pem" ca.pem users.conf "$root/etc/nats/"
config=$root/etc/nats-server.conf
sed -e 's|"servers/|"/etc/nats/|' -e "s|\\"data/$name\\"|\\"/var/lib/nats\\"|" \\
  -e 's|include "users.conf"|include "nats/users.conf"|' "$name.conf" >"$config.new"
# Users and certificates are read anew; what else changes takes a restart.
change=restart
cmp -s "$config.new" "$config" && change=reload-or-restart
mv "$config.new" "$config"
[ -z "$root" ] || exit 0
chown -R root:nats /etc/nats "$config"
chmod 750 /etc/nats
chmod 640 /etc/nats/* "$config"
chown nats:nats /var/lib/nats
chmod 700 /var/lib/nats
systemctl enable --quiet nats-server
systemctl "$change" nats-server
`;
}
