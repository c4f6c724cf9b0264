/**
 * An installed nfscribe, started as its unit says, where no systemd runs.
 *
 * @module
 */

/** Starts the unit $1 as systemd does, as far as util-linux can. */
const AS_SYSTEMD = `set -e
start=$(sed -n 's/^ExecStart=//p' "$1")
install -d -m 0750 -o nfscribe -g nfscribe /run/nfscribe
cd /var/lib/nfscribe
exec setpriv --reuid nfscribe --regid nfscribe --clear-groups --no-new-privs \\
  --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin --bounding-set=-all,+net_admin \\
  env -i PATH="$PATH" HOME=/var/lib/nfscribe CACHE_DIRECTORY=/var/cache/nfscribe $start`;

/**
 * Returns a script that starts the service, has five pings logged by the installed
 * configuration, ends it, and prints what it said and how tcpdump sees the pings.
 *
 * @param unit The unit's path.
 * @param logPings The path of `log_pings`.
 */
export function logAsService(unit: string, logPings: string): string {
  return `cat > /tmp/as_systemd <<'END'
${AS_SYSTEMD}
END
${logPings} sh /tmp/as_systemd ${unit}
tcpdump -r /var/log/nfscribe/nfscribe.pcap -nq
stat -c '%n %U:%G %a' /etc/nfscribe /etc/nfscribe/nfscribe.toml /var/log/nfscribe/nfscribe.pcap
rm -r /tmp/as_systemd /run/nfscribe`;
}

/** Patterns of what a script of {@linkcode logAsService} prints where all is well. */
export const LOGGED_AS_SERVICE: readonly RegExp[] = [
  /outputs pcap: written 5,/,
  /(.* IP 127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo request.*\n){5}/,
  /^\/etc\/nfscribe root:nfscribe 750$/m,
  /^\/etc\/nfscribe\/nfscribe.toml root:nfscribe 640$/m,
  /^\/var\/log\/nfscribe\/nfscribe.pcap nfscribe:nfscribe 640$/m,
];
