/** Script that makes the certificates of a fleet. Pure. */

/**
 * Returns the script: an authority, whose certificate goes to each part, and a certificate for each
 * server.
 *
 * @param servers Names or addresses of the servers.
 * @param folders Folders of the parts that connect to them.
 */
export function certificatesScript(
  servers: readonly string[],
  folders: readonly string[],
): string {
  const calls = servers.map((server) => `make ${server} ${alternative(server)}\n`);
  return `#!/bin/sh
# Makes a certificate authority, and a certificate for each server; takes openssl. Keep ca-key.pem
# where nothing else runs: it makes further certificates.
set -eu
umask 077
cd "$(dirname "$0")"
new_key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
if [ ! -e ca-key.pem ]; then
  openssl req -x509 $new_key -days 3650 -subj "/CN=nfscribe fleet" \\
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout ca-key.pem -out ca.pem 2>/dev/null
fi

# make NAME ALTERNATIVE-NAMES
make() {
  openssl req $new_key -subj "/CN=$1" -keyout "servers/$1-key.pem" -out request.pem 2>/dev/null
  printf 'subjectAltName=%s\\nextendedKeyUsage=serverAuth,clientAuth\\n' "$2" >extensions
  openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 \\
    -extfile extensions -out "servers/$1.pem" 2>/dev/null
  rm request.pem extensions
}
${calls.join("")}
for folder in servers ${folders.join(" ")}; do
  cp ca.pem "$folder/ca.pem"
  chmod 644 "$folder/ca.pem"
done
`;
}

function alternative(server: string): string {
  if (server === "localhost") return "DNS:localhost,IP:127.0.0.1,IP:::1";
  return /^[\d.]+$|:/.test(server) ? `IP:${server}` : `DNS:${server}`;
}
