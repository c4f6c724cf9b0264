import { assertEquals, assertGreater } from "@std/assert";
import { conntrack, type Flow } from "nfscribe";
import { Flow as RawAccess } from "../../src/flow/flow.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import { FlowGprintEncoder } from "../../src/output/gprint/flow_encoder.ts";
import { Ulogd2FlowEncoder } from "../../src/output/json/flow/ulogd2.ts";
import { FlowLogemuEncoder } from "../../src/output/logemu/flow_encoder.ts";
import { BOUNDARY } from "../../src/output/oprint/boundary.ts";
import { NacctEncoder } from "../../src/output/nacct/encoder.ts";
import { FlowOprintEncoder } from "../../src/output/oprint/flow_encoder.ts";
import { XmlFlowEncoder } from "../../src/output/xml/flow_encoder.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { endFlows, HAS_CONNTRACK, makeFlows, track } from "../kernel/flows.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { records as recordsOf } from "./key_formats.ts";
import { lines } from "./record.ts";
import { DEFAULTS } from "./record_keys.ts";
import { hasUlogd, startUlogdOnFlows } from "./ulogd.ts";

const HAS_ALL = HAS_CONNTRACK && hasUlogd("JSON");
const NEEDS = HAS_ALL ? "" : " (needs ulogd2-json, conntrack, nft and root)";
/** UDP flows; of TCP there is one for each four of them. */
const COUNT = 1600;

/** Returns the lines of flows. */
function encoded(encoder: Encoder<RawFlow>, flows: readonly Flow[]): string[] {
  const out = new Uint8Array(4096);
  return flows.map((flow) => {
    const length = encoder.encode(RawAccess.rawOf(flow as RawAccess), out, 0);
    return new TextDecoder().decode(out.subarray(0, length)).trimEnd();
  });
}

/** Removes time and host. */
function withoutHead(line: string): string {
  return line.slice(line.indexOf("[")).trimEnd();
}

/**
 * Removes the time of writing, which is ulogd's own, and the start of new flows, for which ulogd has
 * the time of receipt.
 */
function withoutTimes(line: string): string {
  const rest = line.replace(/^\{"timestamp": "[^"]{19}", /, "{");
  return rest.includes('"ct.event": 1,') ? rest.replace(/"flow\.start\.\w+": \d+, /g, "") : rest;
}

/** Removes the start of new flows from GPRINT's lines. */
function withoutStart(line: string): string {
  return line.includes("ct.event=1,") ? line.replace(/flow\.start\.\w+=\d+,/g, "") : line;
}

/** Removes the start of new flows from OPRINT's records, and the line before them. */
function withoutStartLines(record: string): string {
  const rest = record.replace(BOUNDARY, "");
  return rest.includes("ct.event=1\n") ? rest.replace(/flow\.start\.\w+=\d+\n/g, "") : rest;
}

/** Returns the document that ulogd's XML has begun in a folder. */
function documentOf(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return `${folder}/${names.find((name) => /^ulogd-flow-.*\.xml$/.test(name))}`;
}

/** Removes the time of writing, which is ulogd's own, from an element. */
function withoutWhen(line: string): string {
  return line.replace(/<when>.*<\/when>/, "");
}

/** Compares lines one by one: a difference of thousands of lines cannot be read. */
function assertSame(ours: readonly string[], theirs: readonly string[]): void {
  theirs.forEach((line, index) => assertEquals(ours[index], line, `line ${index}`));
  assertEquals(ours.length, theirs.length);
}

Deno.test({
  name:
    `Two thousand flows have the lines of ulogd's LOGEMU, JSON, GPRINT, OPRINT, XML and NACCT${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    await using folder = await temporaryFolder();
    await using _tracked = await track();
    const [text, json, pairs, keys, accounts] = ["log", "json", "gprint", "oprint", "nacct"]
      .map((ending) => `${folder.path}/flows.${ending}`) as [
        string,
        string,
        string,
        string,
        string,
      ];
    await using _ulogd = await startUlogdOnFlows(folder.path, [
      {
        plugin: "LOGEMU",
        options: `file="${text}"\nsync=1`,
        through: ["filter_IP2STR:IP2STR", "filter_PRINTFLOW:PRINTFLOW"],
      },
      {
        plugin: "JSON",
        options: `file="${json}"\nsync=1`,
        through: ["filter_IP2STR:IP2STR"],
      },
      {
        plugin: "GPRINT",
        options: `file="${pairs}"\nsync=1`,
        through: ["filter_IP2STR:IP2STR"],
      },
      {
        plugin: "OPRINT",
        options: `file="${keys}"\nsync=1`,
        through: ["filter_IP2STR:IP2STR"],
      },
      {
        plugin: "NACCT",
        options: `file="${accounts}"\nsync=1`,
        through: ["filter_IP2STR:IP2STR"],
      },
      { plugin: "XML", options: `directory="${folder.path}"\nsync=1`, through: [] },
    ]);
    await using flows = await conntrack({ events: ["new", "destroy"] });
    const taken: Flow[] = [];
    const taking = (async () => {
      for await (const flow of flows) taken.push(flow);
    })();
    await makeFlows(COUNT);
    await endFlows();
    const document = () => documentOf(folder.path);
    await until(
      "ulogd has written all lines",
      () =>
        taken.length > 2 * COUNT * 1.25 && lines(json).length >= taken.length &&
        lines(text).length >= taken.length && lines(accounts).length >= taken.length &&
        lines(document()).length - 2 >= taken.length && lines(pairs).length >= taken.length &&
        lines(keys).filter((line) => `${line}\n` === BOUNDARY).length >= taken.length,
    );
    await flows.close();
    await taking;
    assertEquals(flows.stats.lost, 0);
    assertGreater(taken.length, 4000);
    const logemu = new FlowLogemuEncoder({
      ...{ dialect: "ulogd2", logOptions: [], timeFormat: "syslog", hostname: "gate" } as const,
    });
    const ours = encoded(logemu, taken).map(withoutHead);
    assertSame(ours, lines(text).map(withoutHead));
    const ulogd2 = new Ulogd2FlowEncoder(DEFAULTS);
    assertSame(encoded(ulogd2, taken).map(withoutTimes), lines(json).map(withoutTimes));
    const gprint = new FlowGprintEncoder({ timestamp: false });
    assertSame(encoded(gprint, taken).map(withoutStart), lines(pairs).map(withoutStart));
    const records = encoded(new FlowOprintEncoder(), taken).map((record) => `${record}\n`);
    assertSame(
      records.map(withoutStartLines),
      recordsOf("oprint", await Deno.readTextFile(keys)).map(withoutStartLines),
    );
    assertSame(encoded(new NacctEncoder(), taken), lines(accounts));
    assertSame(
      encoded(new XmlFlowEncoder(), taken).map(withoutWhen),
      lines(document()).slice(2).map(withoutWhen),
    );
    for (
      const what of ["PROTO=TCP", "PROTO=ICMP", "PROTO=58", "PROTO=ESP", "PROTO=AH", "PROTO=47"]
    ) {
      assertGreater(ours.filter((line) => line.includes(what)).length, 0, what);
    }
    assertEquals(taken.filter(({ nat }) => nat !== undefined).length, 4);
  },
});
