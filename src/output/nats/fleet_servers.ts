/** Configuration of the NATS servers of a fleet. Pure. */

import { leaseStream, PREFIX, statusStream, STREAM, tokenOf } from "../../nats/format/subject.ts";

/** A user of the servers, who is known by a key. */
export interface FleetUser {
  name: string;
  /** Public key. */
  key: string;
  /** Seed of the key. */
  seed: string;
}

/**
 * Returns the configuration of a server.
 *
 * @param server Its name or address.
 * @param servers All servers; more than one are a cluster.
 */
export function serverText(server: string, servers: readonly string[]): string {
  const routes = servers.filter((other) => other !== server)
    .map((other) => `    "nats://${other}:6222"\n`);
  const cluster = routes.length === 0 ? "" : `
# The servers among themselves: each shows its certificate.
cluster {
  name: nfscribe
  listen: "0.0.0.0:6222"
  routes: [
${routes.join("")}  ]
${tlsText(server, "  ", ["verify: true"])}}
`;
  return `# NATS server ${server} of a fleet; start it in the folder above, where install-server makes it a service.
server_name: "${tokenOf(server)}"
listen: "0.0.0.0:4222"
http: "127.0.0.1:8222"         # its own counters, for this machine

jetstream {
  store_dir: "data/${server}"
  max_mem: 64M
  max_file: 20G
}

${tlsText(server, "")}${cluster}
include "users.conf"
`;
}

function tlsText(server: string, indent: string, further: readonly string[] = []): string {
  const lines = [
    `cert_file: "servers/${server}.pem"`,
    `key_file: "servers/${server}-key.pem"`,
    `ca_file: "servers/ca.pem"`,
    ...further,
  ];
  return [`tls {`, ...lines.map((line) => `  ${line}`), "}"]
    .map((line) => `${indent}${line}\n`).join("");
}

/** Returns the users: each sender may write for itself alone, and the centre alone may read. */
export function usersText(senders: readonly FleetUser[], centre: FleetUser): string {
  return `# Users of the fleet, known by their keys: a sender may publish for its own host and
# receive the answers to that, nothing else. Another host: nfscribe init --fleet NAME in the folder
# above. Many hosts: an operator's keys (nsc), with a template of permissions.
authorization {
  users: [
${sendersText(senders)}${userText(centre, centreRights())}  ]
}
`;
}

/** Returns the lines of senders. */
export function sendersText(senders: readonly FleetUser[]): string {
  return senders.map((user) => userText(user, senderRights(user.name))).join("");
}

interface Rights {
  publish: readonly string[];
  subscribe: readonly string[];
}

function userText({ name, key }: FleetUser, { publish, subscribe }: Rights): string {
  const list = (subjects: readonly string[]) =>
    subjects.map((subject) => `          "${subject}"\n`).join("");
  return `    # ${name}
    {
      nkey: ${key}
      permissions: {
        publish: [
${list(publish)}        ]
        subscribe: [
${list(subscribe)}        ]
      }
    }
`;
}

function senderRights(host: string): Rights {
  const token = tokenOf(host);
  return {
    publish: [`${PREFIX}.${token}.>`, `$JS.API.STREAM.INFO.${STREAM}`],
    subscribe: [`_INBOX.${token}.>`],
  };
}

/** Returns the rights to make the streams, to read and to acknowledge; none to remove a stream. */
function centreRights(): Rights {
  const streams = [STREAM, statusStream(STREAM), leaseStream(STREAM)];
  return {
    publish: [
      "$JS.API.INFO",
      "$JS.API.STREAM.NAMES",
      ...streams.flatMap((stream) => [
        `$JS.API.STREAM.CREATE.${stream}`,
        `$JS.API.STREAM.UPDATE.${stream}`,
        `$JS.API.STREAM.INFO.${stream}`,
        `$JS.API.STREAM.MSG.GET.${stream}`,
        `$JS.API.DIRECT.GET.${stream}.>`,
        `$JS.API.DIRECT.GET.${stream}`,
        `$JS.API.CONSUMER.*.${stream}`,
        `$JS.API.CONSUMER.*.${stream}.>`,
        `$JS.API.CONSUMER.*.*.${stream}.>`,
        `$JS.ACK.${stream}.>`,
      ]),
      "$JS.FC.>",
      `${PREFIX}_lease.>`,
    ],
    subscribe: ["_INBOX.>"],
  };
}
