import { assertEquals, assertStringIncludes } from "@std/assert";
import { Counter } from "../../../src/counter/counter.ts";
import type { RawCounter } from "../../../src/counter/raw_counter.ts";
import { EARLIER, WHOLE } from "../../../src/netlink/accounting/marks.ts";
import { CounterGprintEncoder } from "../../../src/output/gprint/counter_encoder.ts";
import { GraphiteEncoder } from "../../../src/output/graphite/encoder.ts";
import { jsonEncoders } from "../../../src/output/json/encoder.ts";
import { CounterOprintEncoder } from "../../../src/output/oprint/counter_encoder.ts";
import { XmlCounterEncoder } from "../../../src/output/xml/counter_encoder.ts";
import { xmlEncoders } from "../../../src/output/xml/encoder.ts";
import { type Encoder, LEFT_OUT } from "../../../src/record/encoder.ts";
import { AccountingDecoder } from "../../../src/source/accounting/decoder.ts";
import { decodeAll, SECONDS } from "../../counter/sample.ts";
import { concat } from "../../packet/sample.ts";
import { DEFAULTS } from "../../peers/record_keys.ts";
import { account, mark, named } from "../../source/accounting/sample.ts";

const OPTIONS = {
  ...DEFAULTS,
  hostname: "gate",
  session: "8d9a4f2c-0000-4000-8000-000000000000",
  payload: false,
  flavor: "ndjson",
} as const;

/** Returns a counter that has counted since the reading before. */
function counterIn(...messages: ((reading: number, packets: number) => Uint8Array)[]): RawCounter {
  const decoder = new AccountingDecoder();
  const reading = (number: number, packets: number) =>
    concat(...messages.map((make) => make(number, packets)));
  decodeAll(
    concat(mark(EARLIER, 1, SECONDS - 2), reading(1, 0), mark(WHOLE, 1)),
    decoder,
    SECONDS - 2,
  );
  const raw = Counter.rawOf(decodeAll(reading(2, 1), decoder)[0]!);
  raw.capture = "accounting";
  return raw;
}

const web = () =>
  counterIn((reading, packets) => account("web", { packets, bytes: packets * 60, reading }));
const hits = () =>
  counterIn((reading, packets) =>
    named("filter", "hits", { packets, bytes: packets * 60, reading })
  );

function textOf(encoder: Encoder<RawCounter>, counter: RawCounter): string {
  const out = new Uint8Array(4096);
  return new TextDecoder().decode(out.subarray(0, encoder.encode(counter, out, 0)));
}

function jsonOf(format: string, counter: RawCounter, options = {}): Record<string, unknown> {
  const encoder = jsonEncoders.counter!({ ...OPTIONS, format, ...options });
  return JSON.parse(textOf(encoder, counter));
}

// Lines of ulogd 2.0.8 beside the same object.
Deno.test("Counters have the lines of ulogd's JSON, GPRINT, OPRINT, XML and GRAPHITE", () => {
  const ulogd2 = jsonEncoders.counter!({ ...OPTIONS, format: "ulogd2" });
  assertEquals(
    textOf(ulogd2, web()).replace(/T\d\d:/, "T07:"),
    '{"timestamp": "2026-11-28T07:52:34.980497", "dvc": "Netfilter", "sum.name": "web", ' +
      '"sum.pkts": 1, "sum.bytes": 60, "oob.time.sec": 1795852354, "oob.time.usec": 980497}\n',
  );
  assertEquals(
    textOf(new CounterGprintEncoder({ timestamp: false, sumTime: true }), web()),
    "sum.name=web,sum.pkts=1,sum.bytes=60,oob.time.sec=1795852354,oob.time.usec=980497\n",
  );
  assertEquals(
    textOf(new CounterOprintEncoder({ sumTime: true }), web()),
    "===>PACKET BOUNDARY\nsum.name=web\nsum.pkts=1\nsum.bytes=60\nsum=default\n" +
      "oob.time.sec=1795852354\noob.time.usec=980497\n",
  );
  assertEquals(
    textOf(new XmlCounterEncoder(), web()).replace(/<hour>\d+</, "<hour>7<"),
    "<obj><name>web</name><pkts>00000000000000000001</pkts><bytes>00000000000000000060</bytes>" +
      "<hour>7</hour><min>52</min><sec>34</sec><wday>7</wday><day>28</day><month>11</month>" +
      "<year>2026</year></obj>\n",
  );
  assertEquals(
    textOf(new GraphiteEncoder({ prefix: "fw", counts: "total" }), web()),
    "fw.web.pkts 1 1795852354\nfw.web.bytes 60 1795852354\n",
  );
});

Deno.test("Without sum_time there is none, and JSON's time has whole seconds, as ulogd's", () => {
  const ulogd2 = jsonEncoders.counter!({ ...OPTIONS, format: "ulogd2", sumTime: false });
  assertEquals(
    textOf(ulogd2, web()).replace(/T\d\d:/, "T07:"),
    '{"timestamp": "2026-11-28T07:52:34", "dvc": "Netfilter", "sum.name": "web", ' +
      '"sum.pkts": 1, "sum.bytes": 60}\n',
  );
  assertEquals(
    textOf(new CounterGprintEncoder({ timestamp: false, sumTime: false }), web()),
    "sum.name=web,sum.pkts=1,sum.bytes=60\n",
  );
});

Deno.test("JSON of a name that is not UTF-8 has none with ulogd's format", () => {
  const odd = counterIn((reading, packets) =>
    account(Uint8Array.of(0xff, 0x41), { packets, bytes: 0, reading })
  );
  assertEquals("sum.name" in jsonOf("ulogd2", odd), false);
  assertEquals(jsonOf("nfscribe", odd).name, "\ufffdA");
});

Deno.test("A named counter has family and table in its name where there is no other place", () => {
  assertEquals(
    textOf(new GraphiteEncoder({ prefix: "", counts: "interval" }), hits()),
    "inet.filter.hits.pkts 1 1795852354\ninet.filter.hits.bytes 60 1795852354\n",
  );
  assertEquals(jsonOf("ulogd2", hits())["sum.name"], "inet.filter.hits");
});

Deno.test("A document of packets or flows has no counters, and XML's names are text", () => {
  const out = new Uint8Array(4096);
  for (const records of [undefined, "packets", "flows"] as const) {
    assertEquals(xmlEncoders.counter!({ records }).encode(web(), out, 0), LEFT_OUT);
  }
  const odd = counterIn((reading, packets) =>
    account("</name>\x1b&", { packets, bytes: 0, reading })
  );
  assertEquals(
    /<name>(.*)<\/name><pkts>/.exec(textOf(new XmlCounterEncoder(), odd))?.[1],
    "&lt;/name&gt;\\x1b&amp;",
  );
});

Deno.test("Totals above 2^53 - 1 are exact in ulogd's formats, and absent elsewhere", () => {
  const [many, most] = ["9007199254740993", "18446744073709551615"];
  const huge = counterIn((reading, packets) =>
    account("web", {
      packets: BigInt(many) - BigInt(1 - packets),
      bytes: BigInt(most) - BigInt(1 - packets),
      reading,
    })
  );
  const { packets, bytes, totalPackets, totalBytes } = jsonOf("nfscribe", huge);
  assertEquals([packets, bytes, totalPackets, totalBytes], [1, 1, undefined, undefined]);
  const formats: [Encoder<RawCounter>, string][] = [
    [jsonEncoders.counter!({ ...OPTIONS, format: "ulogd2" }), `"sum.pkts": ${many}, "sum.bytes": `],
    [
      new CounterGprintEncoder({ timestamp: false, sumTime: false }),
      `sum.pkts=${many},sum.bytes=`,
    ],
    [new CounterOprintEncoder({ sumTime: true }), `sum.pkts=${many}\nsum.bytes=`],
    [new XmlCounterEncoder(), `<pkts>0000${many}</pkts><bytes>`],
  ];
  for (const [encoder, start] of formats) {
    assertStringIncludes(textOf(encoder, huge), `${start}${most}`);
  }
  const graphite = (counts: "interval" | "total") =>
    textOf(new GraphiteEncoder({ prefix: "", counts }), huge);
  assertEquals(graphite("interval"), "web.pkts 1 1795852354\nweb.bytes 1 1795852354\n");
  assertEquals(
    graphite("total"),
    `web.pkts ${many} 1795852354\nweb.bytes ${most} 1795852354\n`,
  );
  assertEquals(`${new Counter(huge)}`.endsWith(" packets=1 bytes=1 interval=2"), true);
});

Deno.test("Graphite has no line for what is unknown, and words without spaces", () => {
  const [unknown] = decodeAll(account("web", { packets: 1, bytes: 1 }));
  const out = new Uint8Array(4096);
  const encoder = new GraphiteEncoder({ prefix: "fw", counts: "interval" });
  assertEquals(encoder.encode(Counter.rawOf(unknown!), out, 0), LEFT_OUT);
  const odd = counterIn((reading, packets) => account("a b\té", { packets, bytes: 0, reading }));
  assertEquals(textOf(encoder, odd).split(" ")[0], "fw.a_b___.pkts");
  // In Carbon's names `;` begins tags.
  const tagged = counterIn((reading, packets) => account("a;b=c", { packets, bytes: 0, reading }));
  assertEquals(textOf(encoder, tagged).split(" ")[0], "fw.a_b=c.pkts");
});

Deno.test("JSON has the structured form, and the fields that are chosen", () => {
  const form = {
    type: "counter",
    version: 1,
    time: "2026-11-28T07:52:34.980497Z",
    host: "gate",
    capture: "accounting",
    session: OPTIONS.session,
    seq: 2,
    object: "nft",
    family: "inet",
    table: "filter",
    name: "hits",
    packets: 1,
    bytes: 60,
    interval: 2,
    totalPackets: 1,
    totalBytes: 60,
  };
  assertEquals(jsonOf("nfscribe", hits()), form);
  assertEquals(jsonOf("nfscribe", hits(), { fields: ["name", "bytes"] }), {
    name: "hits",
    bytes: 60,
  });
  const ecs = jsonOf("ecs", hits());
  assertEquals([ecs["@timestamp"], ecs.network, (ecs.event as { kind: string }).kind], [
    form.time,
    { bytes: 60, packets: 1 },
    "metric",
  ]);
  const ocsf = jsonOf("ocsf", hits());
  assertEquals([ocsf.time, ocsf.type_uid, ocsf.traffic], [
    1795852354980,
    400106,
    { bytes: 60, packets: 1 },
  ]);
});

Deno.test("Fields that a filter attached are in JSON", () => {
  const counter = web();
  counter.extra = new TextEncoder().encode('{"customer":7}');
  assertEquals(jsonOf("nfscribe", counter).extra, { customer: 7 });
});
