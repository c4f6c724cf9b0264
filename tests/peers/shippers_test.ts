import { assertEquals } from "@std/assert";
import { concat, icmp, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { deno, hasProgram, must, ROOT, temporaryFolder, until } from "../system/process.ts";

const NEEDS = hasProgram("rsyslogd") ? "" : " (needs rsyslog)";

/** Returns the recipe of docs/outputs.md for rsyslog, with other paths. */
async function recipe(paths: Readonly<Record<string, string>>): Promise<string> {
  const text = await Deno.readTextFile(`${ROOT}docs/outputs.md`);
  const block = /```rsyslog\n([^]*?)```/.exec(text)![1]!;
  return Object.entries(paths).reduce((conf, [from, to]) => {
    if (!conf.includes(`"${from}"`)) throw new Error(`The recipe has no path ${from}`);
    return conf.replace(from, to);
  }, block);
}

Deno.test({
  name: `docs/outputs.md: rsyslog reads the lines of JSON of a file that grows${NEEDS}`,
  ignore: NEEDS !== "",
  async fn() {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const [file, out] = [`${path}/firewall.json`, `${path}/packets.log`];
    await Deno.writeTextFile(
      `${path}/rsyslog.conf`,
      `global(workDirectory="${path}")\n` +
        await recipe({
          "/var/log/nfscribe/firewall.json": file,
          "/var/log/packets.log": out,
        }),
    );
    const rsyslog = new Deno.Command("rsyslogd", {
      args: ["-n", "-f", `${path}/rsyslog.conf`, "-i", `${path}/pid`],
      stdin: "null",
      stderr: "null",
    }).spawn();
    try {
      for (const [count, packet] of [ipv4(17, udp()), ipv4(1, icmp(8))].entries()) {
        const capture = concat(fileHeader(), fileRecord(packet));
        await Deno.writeFile(`${path}/${count}.pcap`, capture);
        const words = ["replay", `${path}/${count}.pcap`, "--json", file];
        await must(deno("--allow-all", `${ROOT}main.ts`, ...words));
        await until(
          `rsyslog has written line ${count + 1}`,
          async () => (await linesOf(out)).length === count + 1,
        );
      }
    } finally {
      rsyslog.kill("SIGTERM");
      await rsyslog.status;
    }
    assertEquals(await linesOf(out), [
      "2023-11-14T22:13:20.123456Z  192.0.2.1 > 198.51.100.2 UDP ttl 64",
      "2023-11-14T22:13:20.123456Z  192.0.2.1 > 198.51.100.2 ICMP ttl 64",
    ]);
  },
});

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").slice(0, -1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
