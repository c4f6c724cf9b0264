/** Files of a fleet on NATS, which `nfscribe init --fleet` writes. Pure but for random keys. */

import { nkeys } from "@nats-io/nats-core";
import { STREAM } from "../../nats/format/subject.ts";
import type { FleetFile, FleetFiles, FleetPlan } from "../fleet.ts";
import { certificatesScript } from "./fleet_certificates.ts";
import { installScript } from "./fleet_service.ts";
import { type FleetUser, sendersText, serverText, usersText } from "./fleet_servers.ts";

/** Name of the central nfscribe's folder and user. */
const CENTRE = "centre";
const SEED_FILE = "nfscribe.nk";
const USERS_FILE = "servers/users.conf";
/** Line of the centre among the users. */
const CENTRE_LINE = `    # ${CENTRE}\n`;

/** Returns the files of a fleet. */
export function fleetFiles({ hosts, servers, sources, outputs }: FleetPlan): FleetFiles {
  const senders = hosts.map((name) => newUser(name));
  const centre = newUser(CENTRE);
  const [first] = servers;
  const url = `tls://${servers.map((server) => `${server}:4222`).join(",")}`;
  const folders = [...hosts.map((host) => `hosts/${host}`), CENTRE];
  const files: FleetFile[] = [
    { path: "make-certificates", text: certificatesScript(servers, folders) },
    { path: "install-server", text: installScript() },
    { path: USERS_FILE, text: usersText(senders, centre) },
    ...servers.map((server) => ({
      path: `servers/${server}.conf`,
      text: serverText(server, servers),
    })),
    ...senders.flatMap(({ name, seed }) => [
      { path: `hosts/${name}/nfscribe.toml`, text: senderText(name, url, sources) },
      { path: `hosts/${name}/${SEED_FILE}`, text: `${seed}\n`, isSecret: true },
    ]),
    { path: `${CENTRE}/nfscribe.toml`, text: centreText(url, servers.length, outputs) },
    { path: `${CENTRE}/${SEED_FILE}`, text: `${centre.seed}\n`, isSecret: true },
  ];
  return {
    files,
    users: { path: USERS_FILE, text: sendersText(senders), before: CENTRE_LINE },
    steps: [
      ["sh make-certificates", "an authority, and certificates of the servers (openssl)"],
      [`nats-server -c servers/${first}.conf`, "to try; as a service: sh install-server NAME"],
      [`nfscribe run -c hosts/${hosts[0]}/nfscribe.toml`, "on each host, with its own folder"],
      [
        `nfscribe run -c ${CENTRE}/nfscribe.toml`,
        "on one machine, or on two: the second stands by",
      ],
      [`nfscribe stats -c ${CENTRE}/nfscribe.toml`, "each host: logged, lost, sent, received"],
    ],
  };
}

function newUser(name: string): FleetUser {
  const pair = nkeys.createUser();
  const seed = new TextDecoder().decode(pair.getSeed());
  return { name, key: pair.getPublicKey(), seed };
}

function senderText(host: string, url: string, sources: string): string {
  return `# Host ${host} of a fleet. The records wait in the spool while no server takes them.
${sources}
[output.nats]
url = "${url}"
ca_file = "ca.pem"
nkey_file = "${SEED_FILE}"
hostname = "${host}"
spool = "spool"                # as a service: /var/lib/nfscribe/spool
# spool_limit = 1_073_741_824  # bytes: what an outage may take

[stats]
socket = "nfscribe.sock"       # as a service: /run/nfscribe/stats.sock
# metrics = "127.0.0.1:9477"   # for Prometheus
`;
}

function centreText(url: string, replicas: number, outputs: string): string {
  return `# The centre of a fleet: what the hosts send comes out here.
[[source]]
type = "nats"
url = "${url}"
ca_file = "ca.pem"
nkey_file = "${SEED_FILE}"
create = true                  # makes the stream ${STREAM}
replicas = ${replicas}                   # copies of each message, on so many servers
# max_bytes = 10_737_418_240   # a full stream has the hosts wait
# kind = "flow"                # flows and counters take sources of their own

${outputs}
[stats]
socket = "nfscribe.sock"       # nfscribe stats asks there
# silent_seconds = 60          # a host that says nothing for so long is logged
# metrics = "127.0.0.1:9477"   # for Prometheus
`;
}
