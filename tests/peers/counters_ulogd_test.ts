import { assertEquals } from "@std/assert";
import { accounting } from "nfscribe";
import { Counter } from "../../src/counter/counter.ts";
import type { RawCounter } from "../../src/counter/raw_counter.ts";
import { CounterGprintEncoder } from "../../src/output/gprint/counter_encoder.ts";
import { GraphiteEncoder } from "../../src/output/graphite/encoder.ts";
import { Ulogd2CounterEncoder } from "../../src/output/json/counter/ulogd2.ts";
import { CounterOprintEncoder } from "../../src/output/oprint/counter_encoder.ts";
import { XmlCounterEncoder } from "../../src/output/xml/counter_encoder.ts";
import { headerOf } from "../../src/output/xml/document.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { countAll, HAS_COUNTERS } from "../kernel/counters.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { must, temporaryFolder, until } from "../system/process.ts";
import { DEFAULTS } from "./record_keys.ts";
import { hasUlogd, startUlogdOnAccounts } from "./ulogd.ts";

const HAS_ALL = HAS_COUNTERS && hasUlogd("JSON");
const NEEDS = HAS_ALL ? "" : " (needs ulogd2-json, nfacct, nft, iptables-legacy and root)";

/** Objects that count. */
const NAMES = ["web", "x".repeat(31)];
/** Names that a format may treat in a way of its own, of objects that no rule counts with. */
const ODD = ['a"b\\c', "caf\u00e9"];

/** Reads the objects once, as ulogd does. */
async function readOnce(): Promise<RawCounter[]> {
  await using counters = await accounting({ intervalSeconds: 1, objects: ["nfacct"] });
  const taken: RawCounter[] = [];
  for await (const counter of counters) {
    taken.push(Counter.rawOf(counter as Counter));
    if (taken.length === NAMES.length + ODD.length + 1) break;
  }
  return taken;
}

function textOf(encoder: Encoder<RawCounter>, counters: readonly RawCounter[]): string {
  const out = new Uint8Array(4096);
  return counters.map((counter) =>
    new TextDecoder().decode(out.subarray(0, encoder.encode(counter, out, 0)))
  ).join("");
}

/** Replaces the times, which the two do not share, but for their form. */
function withoutTimes(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}/g, "TIME")
    .replaceAll(/(oob\.time\.sec"?(?:: |=))\d{10}/g, "$1SECONDS")
    .replaceAll(/(oob\.time\.usec"?(?:: |=))\d{1,6}/g, "$1MICROSECONDS")
    .replaceAll(/ \d{10}$/gm, " SECONDS");
}

/** Returns what ulogd writes about all objects at one reading. */
async function linesOfUlogd(plugin: string, folder: string, length: number): Promise<string> {
  const file = `${folder}/${plugin}.out`;
  await using _ulogd = await startUlogdOnAccounts(folder, {
    plugin,
    options: `file="${file}"\nsync=1`,
  });
  let text = "";
  await until(`ulogd's ${plugin} has written a reading`, async () => {
    text = await Deno.readTextFile(file).catch(() => "");
    return withoutTimes(text).length >= length;
  });
  return withoutTimes(text).slice(0, length);
}

Deno.test({
  name: `Counters have the lines of ulogd's JSON, GPRINT and OPRINT${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await using folder = await temporaryFolder();
    await using _counted = await countAll(NAMES);
    for (const name of ODD) await must(["nfacct", "add", name]);
    await must(["nfacct", "add", "limit", "packet", "2"]);
    sendUdp(11);
    const counters = await readOnce();
    const encoders = {
      JSON: new Ulogd2CounterEncoder(DEFAULTS),
      GPRINT: new CounterGprintEncoder({ timestamp: false, sumTime: true }),
      OPRINT: new CounterOprintEncoder({ sumTime: true }),
    };
    for (const [plugin, encoder] of Object.entries(encoders)) {
      const ours = withoutTimes(textOf(encoder, counters));
      assertEquals(await linesOfUlogd(plugin, folder.path, ours.length), ours, plugin);
    }
  },
});

Deno.test({
  name: `Counters have the elements of ulogd's XML${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await using folder = await temporaryFolder();
    await using _counted = await countAll(NAMES);
    for (const name of ODD) await must(["nfacct", "add", name]);
    await must(["nfacct", "add", "limit", "packet", "2"]);
    sendUdp(11);
    const ours = headerOf("counters") + textOf(new XmlCounterEncoder(), await readOnce());
    const withoutTime = (text: string) => text.replaceAll(/<(\w+)>\d{1,4}<\/\1>/g, "<$1/>");
    const length = withoutTime(ours).length;
    await using _ulogd = await startUlogdOnAccounts(folder.path, {
      plugin: "XML",
      options: `directory="${folder.path}"\nsync=1`,
    });
    let text = "";
    await until("ulogd's XML has written a reading", async () => {
      const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
      const file = names.find((name) => /^ulogd-sum-.*\.xml$/.test(name));
      text = file === undefined ? "" : await Deno.readTextFile(`${folder.path}/${file}`);
      return withoutTime(text).length >= length;
    });
    assertEquals(withoutTime(text).slice(0, length), withoutTime(ours));
    assertEquals(/<min>\d\d<\/min><sec>\d\d<\/sec><wday>\d</.test(text), true);
  },
});

Deno.test({
  name: `Counters have the lines of ulogd's GRAPHITE${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await using folder = await temporaryFolder();
    await using _counted = await countAll(["web", "mail.in"]);
    sendUdp(11);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    await using _ulogd = await startUlogdOnAccounts(folder.path, {
      plugin: "GRAPHITE",
      options: `host="127.0.0.1"\nport="${port}"\nprefix="fw"`,
    });
    using connection = await listener.accept();
    let text = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    while (text.split("\n").length <= 4) {
      const length = await connection.read(buffer);
      if (length === null) break;
      text += decoder.decode(buffer.subarray(0, length));
    }
    const theirs = withoutTimes(text).split("\n").slice(0, 4);
    await using counters = await accounting({ intervalSeconds: 1, objects: ["nfacct"] });
    const encoder = new GraphiteEncoder({ prefix: "fw", counts: "total" });
    const ours: string[] = [];
    for await (const counter of counters) {
      ours.push(textOf(encoder, [Counter.rawOf(counter as Counter)]));
      if (ours.length === 2) break;
    }
    assertEquals(theirs, withoutTimes(ours.join("")).split("\n").slice(0, 4));
  },
});
