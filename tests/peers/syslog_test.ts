import { assertEquals } from "@std/assert";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { deno, hasProgram, must, ROOT, temporaryFolder, until } from "../system/process.ts";

const NEEDS = hasProgram("rsyslogd") ? "" : " (needs rsyslog)";
const [UDP, TCP] = [15_514, 15_515];

Deno.test({
  name:
    `rsyslog reads priority, time, host, program, structured data and message of each form${NEEDS}`,
  ignore: NEEDS !== "",
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(`${path}/rsyslog.conf`, rsyslogConf(path));
    const rsyslog = new Deno.Command("rsyslogd", {
      args: ["-n", "-f", `${path}/rsyslog.conf`, "-i", `${path}/pid`],
      stdin: "null",
      stderr: "null",
    }).spawn();
    try {
      await until("rsyslog listens", () => exists(`${path}/log.sock`));
      await Deno.writeFile(`${path}/in.pcap`, concat(fileHeader(), fileRecord(ipv4(17, udp()))));
      await Deno.writeTextFile(`${path}/lines.toml`, nfscribeConf(path));
      await must(deno("--allow-all", `${ROOT}main.ts`, "run", "-c", `${path}/lines.toml`));
      const out = `${path}/out`;
      await until(
        "the messages are there",
        async () =>
          await exists(out) && (await Deno.readTextFile(out)).split("\n").length > OUTPUTS.length,
      );
      const rows = (await Deno.readTextFile(out)).trimEnd().split("\n").sort();
      const line = (await Deno.readTextFile(`${path}/line.log`)).replace(/^.*? gate /, "")
        .trimEnd();
      assertEquals(rows.map((row) => row.split("|").slice(0, 6)), [
        ["local3", "notice", "2023-11-14T22:13:20.123456+00:00", "gate", "fw", DATA],
        ["user", "debug", "2023-11-14T22:13:20.123456+00:00", "gate.example", "nfscribe", "-"],
        ["user", "notice", "Nov 14 22:13:20", HOST, "nfscribe", "-"],
      ]);
      for (const row of rows) assertEquals(row.split("|")[6]!.trim(), line);
    } finally {
      rsyslog.kill("SIGTERM");
      await rsyslog.status;
    }
  },
});

/** rsyslog names this host for messages of a local socket. */
const HOST = (await must(["uname", "-n"])).trim().split(".")[0]!;
const DATA = '[nfscribe@32473 prefix="" in="" out=""]';
const OUTPUTS = ["local", "udp", "tcp"];

function rsyslogConf(folder: string): string {
  return `
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${folder}/log.sock" IgnoreTimestamp="off" UseSysTimeStamp="off")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${UDP}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="${TCP}")
template(name="new" type="string" string="%syslogfacility-text%|%syslogseverity-text%|%timestamp:::date-rfc3339%|%hostname%|%app-name%|%structured-data%|%msg%\\n")
template(name="old" type="string" string="%syslogfacility-text%|%syslogseverity-text%|%timestamp:::date-rfc3164%|%hostname%|%app-name%|%structured-data%|%msg%\\n")
if $inputname == "imuxsock" then action(type="omfile" file="${folder}/out" template="old")
else action(type="omfile" file="${folder}/out" template="new")
`;
}

function nfscribeConf(folder: string): string {
  return `
[[source]]
type = "pcap"
path = "in.pcap"

[output.local]
type = "syslog"
url = "unix://${folder}/log.sock"

[output.udp]
type = "syslog"
url = "udp://127.0.0.1:${UDP}"
facility = "local3"
hostname = "gate"
app_name = "fw"
structured_data = true

[output.tcp]
type = "syslog"
url = "tcp://localhost:${TCP}"
severity = "debug"
hostname = "gate.example"

[output.line]
type = "logemu"
path = "line.log"
hostname = "gate"
`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
