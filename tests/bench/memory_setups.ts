/**
 * Outputs whose memory is measured, with their options, and what they write to: files, programs that
 * read, servers that are thrown away.
 *
 * @module
 */

import { outputs } from "../../src/output/outputs.ts";
import { ClickServer, noServer as noClickhouse } from "../databases/click_server.ts";
import { MariaServer, noServer as noMaria } from "../databases/maria_server.ts";
import { NatsServer, noServer as noNats } from "../nats/server/nats_server.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { freePort } from "../system/server.ts";
import { hasProgram } from "../system/process.ts";

/** Bytes after which a file is rotated where that is measured. */
const ROTATED = 64 * 1024 * 1024;

/** An output and its options. */
export interface Setup {
  name: string;
  /** Type of the output. */
  type: string;
  /** Whether the records come through NATS, as to a centre, and not from the kernel. */
  isCentre?: boolean;
  /** Returns the reason why it cannot run; undefined if it can. */
  missing?: () => Promise<string | undefined> | string | undefined;
  /**
   * Starts what it writes to.
   *
   * @param folder Folder for its files.
   * @param stack Ends what was started.
   * @returns Lines of the output's table.
   */
  place(folder: string, stack: AsyncDisposableStack): Promise<string> | string;
}

/** Returns an output into a file. */
function file(type: string, lines = "", name = lines): Setup {
  return {
    name: words(type, name),
    type,
    place: (folder) => `path = "${folder}/packets.out"\n${lines}`,
  };
}

/** Returns an output to a program that reads and forgets. */
function reader(type: string, from: "unix" | "tcp"): Setup {
  return {
    name: words(type, from),
    type,
    missing: () => hasProgram("socat") ? undefined : "needs socat",
    async place(folder, stack) {
      const port = freePort();
      const place = from === "unix" ? `${folder}/socket` : `127.0.0.1:${port}`;
      const address = from === "unix"
        ? `UNIX-RECV:${place}`
        : `TCP-LISTEN:${port},bind=127.0.0.1,reuseaddr`;
      const child = new Deno.Command("socat", {
        args: ["-u", "-b", "262144", address, "OPEN:/dev/null"],
        stdin: "null",
      }).spawn();
      // It ends by itself with its connection.
      const ended = child.status;
      let isOver = false;
      ended.then(() => isOver = true);
      stack.defer(async () => {
        if (!isOver) child.kill("SIGKILL");
        await ended;
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
      return type === "journal" ? `socket = "${place}"` : `url = "${from}://${place}"`;
    },
  };
}

/** Returns the JSON output to a server of HTTP that reads and forgets. */
function http(): Setup {
  return {
    name: "json, http",
    type: "json",
    place(_, stack) {
      const port = freePort();
      const server = Deno.serve(
        { hostname: "127.0.0.1", port, onListen() {} },
        async ({ body }) => {
          await body?.pipeTo(new WritableStream());
          return new Response();
        },
      );
      stack.defer(() => server.shutdown());
      return `url = "http://127.0.0.1:${port}/"`;
    },
  };
}

function postgres(lines = "", isCentre = false): Setup {
  return {
    name: words("postgres", lines, isCentre),
    type: "postgres",
    isCentre,
    missing: noCluster,
    async place(folder, stack) {
      const cluster = stack.use(await Cluster.start());
      return `url = "${cluster.url()}"\ncreate = true\nspool = "${folder}/spool"\n${lines}`;
    },
  };
}

function mysql(lines = "", loads = 1): Setup {
  return {
    name: words("mysql", loads === 1 ? lines : "local-infile=0"),
    type: "mysql",
    missing: noMaria,
    async place(folder, stack) {
      const settings = [`local-infile=${loads}`, "innodb-log-file-size=256M"];
      const server = stack.use(await MariaServer.start(settings));
      return `url = "${server.url()}"\ncreate = true\nspool = "${folder}/spool"\n${lines}`;
    },
  };
}

function clickhouse(lines = ""): Setup {
  return {
    name: words("clickhouse", lines),
    type: "clickhouse",
    missing: noClickhouse,
    async place(folder, stack) {
      const server = stack.use(await ClickServer.start());
      const url = server.url().replace("nfscribe@", "default@");
      return `url = "${url}"\ncreate = true\nspool = "${folder}/spool"\n${lines}`;
    },
  };
}

function nats(lines = ""): Setup {
  return {
    name: words("nats", lines),
    type: "nats",
    missing: noNats,
    async place(folder, stack) {
      const { url } = stack.use(await NatsServer.start());
      return `url = "${url}"\ncreate = true\nspool = "${folder}/spool"\n${lines}`;
    },
  };
}

function sqlite(lines = ""): Setup {
  return {
    name: words("sqlite", lines),
    type: "sqlite",
    place: (folder) => `path = "${folder}/nfscribe.db"\nspool = "${folder}/spool"\n${lines}`,
  };
}

/** Returns the name of an output with options. */
function words(type: string, options: string, isCentre = false): string {
  const parts = [isCentre ? `centre, into ${type}` : type, options.replaceAll("\n", ", ")];
  return parts.filter((part) => part !== "").join(", ");
}

const PAYLOAD = "payload = true";

/** All of them. */
export const SETUPS: readonly Setup[] = [
  file("pcap"),
  file("pcap", "sync = false"),
  file("pcap", 'format = "pcapng"'),
  file("pcap", `rotate_size = ${ROTATED}\nrotate_keep = 2\ncompress = "gzip"`, "gzip"),
  file("logemu"),
  file("logemu", "sync = false"),
  file("json"),
  file("json", "sync = false"),
  ...["ecs", "ocsf", "ulogd2"].map((format) => file("json", `format = "${format}"`)),
  file("gprint"),
  file("oprint"),
  file("xml"),
  reader("json", "tcp"),
  http(),
  reader("syslog", "tcp"),
  reader("syslog", "unix"),
  reader("journal", "unix"),
  sqlite(),
  sqlite(PAYLOAD),
  postgres(),
  postgres(PAYLOAD),
  mysql(),
  mysql(PAYLOAD),
  mysql("", 0),
  clickhouse(),
  clickhouse('compression = "gzip"'),
  nats(),
  nats('compression = "gzip"'),
  nats('compression = "none"'),
  nats('payload = "json"'),
  { ...file("pcap"), name: "centre, into pcap", isCentre: true, missing: noNats },
  postgres("", true),
];

/** Types of outputs that take packets, and are not among them. */
export const FORGOTTEN: readonly string[] = Object.values(outputs)
  .filter(({ kinds }) => kinds.includes("packet"))
  .map(({ type }) => type)
  .filter((type) => !SETUPS.some((setup) => setup.type === type));
