/**
 * The syslog servers rsyslog and syslog-ng, each with inputs for every way that messages take, which
 * write a line of columns per message.
 *
 * @module
 */

import { canRun, hasProgram, until } from "../system/process.ts";

/** Ports, and the name of the Unix socket. */
export const [UDP, TCP, SOCKET] = [15_514, 15_515, "log.sock"];

/** A server, and its columns: facility, severity, time, host, program, source, JSON's port, message. */
export interface SyslogServer {
  name: string;
  /** Whether it is here. */
  isHere: boolean;
  /** Returns its configuration, which listens and writes below a folder. */
  config(folder: string): string;
  /** Returns the command that runs it. */
  command(folder: string): string[];
  /** Variables that it needs. */
  env: Record<string, string>;
}

/** rsyslog, as Debian has it. */
export const rsyslog: SyslogServer = {
  name: "rsyslog",
  isHere: hasProgram("rsyslogd"),
  config: (folder) => `
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${folder}/${SOCKET}" IgnoreTimestamp="off" UseSysTimeStamp="off")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${UDP}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="${TCP}")
module(load="mmjsonparse")
module(load="mmpstrucdata")
action(type="mmpstrucdata")
action(type="mmjsonparse" cookie="" container="$!json")
template(name="columns" type="string" string="%syslogfacility-text%|%syslogseverity-text%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%$!rfc5424-sd!nfscribe@32473!source%|%$!json!destinationPort%|%msg%\\n")
action(type="omfile" file="${folder}/out" template="columns")
`,
  command: (folder) => ["rsyslogd", "-n", "-f", `${folder}/conf`, "-i", `${folder}/pid`],
  env: {},
};

/** Folder that syslog-ng's package is unpacked in, where it is not installed: rsyslog excludes it. */
const UNPACKED = Deno.env.get("SYSLOG_NG_ROOT") ?? "";
const SYSLOG_NG = UNPACKED === "" ? "syslog-ng" : `${UNPACKED}/usr/sbin/syslog-ng`;

/** syslog-ng, installed or unpacked. */
export const syslogNg: SyslogServer = {
  name: "syslog-ng",
  isHere: canRun("test", "-x", SYSLOG_NG) || hasProgram(SYSLOG_NG),
  config: (folder) =>
    `@version: 3.38
options { keep-hostname(yes); use-dns(no); dns-cache(no); ts-format(iso); frac-digits(6); };
source all {
  unix-dgram("${folder}/${SOCKET}");
  syslog(transport("udp") ip("127.0.0.1") port(${UDP}));
  syslog(transport("tcp") ip("127.0.0.1") port(${TCP}));
};
parser json { json-parser(prefix(".json.")); };
destination out {
  file("${folder}/out" template("$FACILITY|$LEVEL|$ISODATE|$HOST|$PROGRAM|\${.SDATA.nfscribe@32473.source}|\${.json.destinationPort}|$MSG\\n"));
};
log { source(all); if { parser(json); }; destination(out); };
`,
  command: (folder) => [
    SYSLOG_NG,
    ...["--foreground", "--no-caps", `--cfgfile=${folder}/conf`, `--pidfile=${folder}/pid`],
    ...[`--persist-file=${folder}/persist`, `--control=${folder}/control`],
    ...UNPACKED === "" ? [] : [`--module-path=${UNPACKED}/usr/lib/syslog-ng/3.38`],
  ],
  env: UNPACKED === "" ? {} : {
    LD_LIBRARY_PATH: ["usr/lib/syslog-ng", "usr/lib", "lib"].flatMap((path) => [
      `${UNPACKED}/${path}`,
      `${UNPACKED}/${path}/${Deno.build.arch}-linux-gnu`,
    ]).join(":"),
  },
};

/** Starts a server; returns once it listens. */
export async function startServer(
  server: SyslogServer,
  folder: string,
): Promise<AsyncDisposable & { rows(count: number): Promise<string[][]> }> {
  await Deno.writeTextFile(`${folder}/conf`, server.config(folder));
  const [command, ...args] = server.command(folder);
  const options = { args, env: server.env, stdin: "null", stderr: "null" } as const;
  const child = new Deno.Command(command!, options).spawn();
  await until("the server listens", async () => {
    const isThere = await Deno.lstat(`${folder}/${SOCKET}`).then(() => true, () => false);
    return isThere && await Deno.connect({ port: TCP }).then(
      (connection) => (connection.close(), true),
      () => false,
    );
  });
  return {
    /** Waits for messages; returns their columns, sorted. */
    async rows(count) {
      let lines: string[] = [];
      await until(`${count} messages`, async () => {
        const text = await Deno.readTextFile(`${folder}/out`).catch(() => "");
        lines = text.split("\n").slice(0, -1);
        return lines.length >= count;
      });
      return lines.map((line) => line.split("|").map((column) => column.trim())).sort();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
