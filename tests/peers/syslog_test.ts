import { assertEquals } from "@std/assert";
import { structured } from "../../src/packet/structured.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { concat, ipv4, packetOf, udp } from "../packet/sample.ts";
import { deno, must, ROOT, temporaryFolder } from "../system/process.ts";
import { rsyslog, SOCKET, startServer, syslogNg, TCP, UDP } from "./syslog_servers.ts";

const PACKET = ipv4(17, udp());
const TIME = "2023-11-14T22:13:20.123456+00:00";
/** The time of a message in the form of RFC 3164, which has no year. */
const OLD_TIME = /^\d{4}-11-14T22:13:20(\.0+)?\+00:00$/;

for (const server of [rsyslog, syslogNg]) {
  const needs = server.isHere ? "" : ` (needs ${server.name})`;
  Deno.test({
    name:
      `${server.name} reads priority, time, host, program, structured data and each kind of message${needs}`,
    ignore: needs !== "",
    async fn() {
      await using folder = await temporaryFolder();
      const { path } = folder;
      await using running = await startServer(server, path);
      await Deno.writeFile(`${path}/in.pcap`, concat(fileHeader(), fileRecord(PACKET)));
      await Deno.writeTextFile(`${path}/lines.toml`, nfscribeConf(path));
      await must(deno("--allow-all", `${ROOT}main.ts`, "run", "-c", `${path}/lines.toml`));
      const rows = await running.rows(Object.keys(EXPECTED).length);
      const line = (await Deno.readTextFile(`${path}/line.log`)).replace(/^.*? gate /, "").trim();
      const { source, destinationPort, length } = structured(packetOf(PACKET));
      for (const [program, columns] of Object.entries(EXPECTED)) {
        const [facility, severity, host, hasData, message] = columns;
        const row = rows.find((row) => row[4] === program)!;
        assertEquals(row.slice(0, 2), [facility, severity], program);
        if (host === "") assertEquals(OLD_TIME.test(row[2]!), true, row[2]);
        else assertEquals(row.slice(2, 4), [TIME, host], program);
        assertEquals(row[5], hasData ? source : "", program);
        assertEquals(row[6], message === "json" ? `${destinationPort}` : "", program);
        if (message === "line") assertEquals(row[7], line, program);
        if (message === "none") assertEquals(row[7], "", program);
        if (message === "json") assertEquals(JSON.parse(row[7]!).length, length, program);
      }
    },
  });
}

/** Facility, severity, host, structured data and kind of message, by the program. */
const EXPECTED = {
  local: ["user", "notice", "", false, "line"],
  localjson: ["user", "notice", "", false, "json"],
  udp: ["local3", "notice", "gate", true, "line"],
  tcp: ["user", "debug", "gate.example", false, "line"],
  json: ["user", "notice", "gate", true, "json"],
  data: ["user", "notice", "gate", true, "none"],
} as const;

function nfscribeConf(folder: string): string {
  const output = (name: string, url: string, ...lines: string[]) =>
    [
      `[output.${name}]`,
      'type = "syslog"',
      `url = "${url}"`,
      `app_name = "${name}"`,
      ...lines,
      "",
    ].join("\n");
  const unix = `unix://${folder}/${SOCKET}`;
  const tcp = `tcp://localhost:${TCP}`;
  return `
[[source]]
type = "pcap"
path = "in.pcap"

[output.line]
type = "logemu"
path = "line.log"
hostname = "gate"

${output("local", unix)}
${output("localjson", unix, 'message = "json"')}
${
    output(
      "udp",
      `udp://127.0.0.1:${UDP}`,
      'facility = "local3"',
      'hostname = "gate"',
      "structured_data = true",
    )
  }
${output("tcp", tcp, 'severity = "debug"', 'hostname = "gate.example"')}
${output("json", tcp, 'message = "json"', 'hostname = "gate"', "structured_data = true")}
${output("data", tcp, 'message = "none"', 'hostname = "gate"', "structured_data = true")}
`;
}
