import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig, type Config } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { numberIn, parseConf } from "../../src/import/ulogd/conf.ts";
import { importUlogd } from "../../src/import/ulogd/import.ts";
import { foldersOf, ServicePaths } from "../../src/import/ulogd/service_paths.ts";
import type { Route, Value } from "../../src/import/ulogd/table.ts";
import { Settings } from "../../src/import/ulogd/settings.ts";
import { importJson } from "../../src/output/json/import.ts";
import { loadCounterparts } from "../../src/cli/import/import.ts";
import { ULOGD_1_02, ULOGD_1_23, ULOGD_2_0_4 } from "./confs.ts";

const COUNTERPARTS = await loadCounterparts();
/** Socket of the service's counters. */
const stats = { socket: "/run/nfscribe/stats.sock" };

/** Imports a file: returns the text, and the same as a checked configuration. */
function imported(conf: string): { text: string; value: Record<string, unknown>; config: Config } {
  const text = importUlogd(conf, "ulogd.conf", COUNTERPARTS);
  assert(!/changeme|cret/.test(text), "no password");
  const value = parse(text);
  return { text, value, config: checkConfig(parse(text), "nfscribe.toml") };
}

/** Returns the problems of a file that cannot be imported. */
function problemsOf(conf: string): string {
  return assertThrows(() => importUlogd(conf, "ulogd.conf", COUNTERPARTS), ConfigError).message;
}

/** Returns a file of ulogd 2 with one stack and these sections. */
function stack(input: string, output: string, sections: string): string {
  return `[global]\nstack=in:${input},base1:BASE,out:${output}\n${sections}`;
}

Deno.test("parseConf() reads what ulogd does", () => {
  const [top, section] = parseConf(
    `a 1\n#b=2\n  c = "x y" # z\nd\te\n\n[ s ] # t\nf="/a b"\ng=\nh="=#"\n`,
  );
  assertEquals(top!.settings.map(({ key, value, line }) => [key, value, line]), [
    ["a", "1", 1],
    ["c", "x y", 3],
    ["d", "e", 4],
  ]);
  assertEquals([section!.name, section!.line], ["s", 6]);
  assertEquals(section!.settings.map(({ key, value }) => [key, value]), [
    ["f", "/a b"],
    ["g", ""],
    ["h", "=#"],
  ]);
});

Deno.test("numberIn() reads numbers as strtol(3) does", () => {
  const texts = ["12", "0x10", "010", "-3", "7x", "x", "", "0"];
  assertEquals(texts.map(numberIn), [12, 16, 8, -3, 7, 0, 0, 0]);
});

for (const [version, conf] of [["1.02", ULOGD_1_02], ["1.23", ULOGD_1_23]] as const) {
  Deno.test(`the ulogd.conf of ulogd ${version} becomes a ULOG source and a LOGEMU output`, () => {
    const { value, text } = imported(conf);
    assertEquals(value, {
      source: [{ type: "ulog", group: 1, buffer_size: 131071, name: "ulog" }],
      output: {
        LOGEMU: {
          type: "logemu",
          path: "/var/log/nfscribe/ulogd.syslogemu",
          sync: true,
          dialect: "ulogd1",
        },
      },
      stats,
      log: { file: "/var/log/nfscribe/ulogd.log" },
    });
    assertStringIncludes(text, "bufsize=150000: not needed");
    assertStringIncludes(text, "# Kernels since 3.17 have no ULOG.");
    assertEquals([...text.matchAll(/line (\d+)/g)].length, 3);
  });

  Deno.test(`with all plugins, ulogd ${version} becomes an output each`, () => {
    const { config, text } = imported(conf.replaceAll("#plugin", "plugin"));
    assertEquals(config.sources.map(({ outputs }) => outputs), [undefined]);
    const places = config.outputs.map(({ type, options }) => [type, options.path ?? options.url]);
    assertEquals(Object.fromEntries(places), {
      logemu: "/var/log/nfscribe/ulogd.syslogemu",
      oprint: "/var/log/nfscribe/ulogd.pktlog",
      postgres: "postgres://postgres@localhost/ulogd",
      pcap: "/var/log/nfscribe/ulogd.pcap",
      mysql: "mysql://laforge@/ulogd?socket=/run/mysqld/mysqld.sock",
      ...conf.includes("SQLITE3") && { sqlite: "/path/to/sqlite/db" },
    });
    assertStringIncludes(text, "put it into ~/.my.cnf, MYSQL_PWD,");
    assertStringIncludes(text, "# the keys are those of ulogd 2");
    assertStringIncludes(text, "the password stays out of this file");
  });
}

Deno.test("the ulogd.conf of ulogd 2.0.4 has no stack; the message names possible ones", () => {
  assertEquals(
    problemsOf(ULOGD_2_0_4),
    "ulogd.conf: stack: no stack is active, and ulogd does not start without; take the # off " +
      "those that you want, in the lines 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35",
  );
});

Deno.test("with its first stack, ulogd 2.0.4 becomes an NFLOG source and a LOGEMU output", () => {
  const { value } = imported(ULOGD_2_0_4.replace("#stack", "stack"));
  assertEquals(value, {
    source: [{ type: "nflog", group: 0, name: "log1" }],
    output: { emu1: { type: "logemu", path: "/var/log/nfscribe/ulogd_syslogemu.log", sync: true } },
    stats,
    log: { file: "/var/log/nfscribe/ulogd.log" },
  });
});

Deno.test("with all stacks, sources of ulogd 2.0.4 have outputs of their own", () => {
  const { config, text } = imported(ULOGD_2_0_4.replaceAll("#stack", "stack"));
  assertEquals(config.sources.map(({ name, type, outputs }) => [name, type, outputs]), [
    ["log1", "nflog", ["emu1", "gp1", "xml1"]],
    ["log2", "nflog", ["emu1", "pcap1", "pgsql1"]],
    ["ulog1", "ulog", ["emu1"]],
    ["ct1", "conntrack", ["emu1"]],
    ["log3", "nflog", ["sys1"]],
  ]);
  assertEquals(config.outputs.map(({ name, options }) => [name, options.path ?? options.url]), [
    ["emu1", "/var/log/nfscribe/ulogd_syslogemu.log"],
    ["gp1", "/var/log/nfscribe/ulogd_gprint.log"],
    ["xml1", "/var/log/nfscribe/ulogd-pkt-{time}.xml"],
    ["pcap1", "/var/log/nfscribe/ulogd.pcap"],
    ["pgsql1", "postgres://nupik@localhost/nulog"],
    ["sys1", "unix:///dev/log"],
  ]);
  const comments = [
    "was /var/log/ulogd-pkt-{time}.xml, where nfscribe.service may not write",
    "ulogd has the local time in the name, as 28112026-075235; {time} is UTC",
    "line 35: the stack that begins with UNIXSOCK is left out",
    "line 84: the password stays out of this file",
    "line 85: procedure=INSERT_PACKET_FULL: has no counterpart",
    "line 91: mark1 (MARK) let only packets with mark 1 through to emu1",
  ];
  for (const comment of comments) assertStringIncludes(text, `# ${comment}`);
});

Deno.test("an NFLOG source has ulogd's sizes and times; the rest are comments", () => {
  const { value, text } = imported(stack(
    "NFLOG",
    "PCAP",
    `[in]
group=5
bind=1
netlink_socket_buffer_size=217088
netlink_socket_buffer_maxsize=1085440
netlink_qthreshold=20
netlink_qtimeout=50
numeric_label=1
seq_local=1
frobnicate="a b"
[out]
file="-x y.pcap"
`,
  ));
  assertEquals(value, {
    source: [{
      type: "nflog",
      group: 5,
      buffer_size: 1085440,
      queue_threshold: 20,
      queue_timeout_ms: 500,
      name: "in",
    }],
    stats,
    output: { out: { type: "pcap", path: "-x y.pcap", sync: false } },
  });
  const comments = [
    "line 7: nfscribe takes the buffer at once; it does not grow",
    "line 10: numeric_label=1: outputs that print it have it as label; elsewhere give the rule a " +
    "prefix instead",
    "line 11: seq_local=1: not needed; nfscribe counts lost packets by these numbers (packet.seq)",
    "line 12: frobnicate=a b: has no counterpart",
    "line 5: bind: ulogd made itself the logger",
  ];
  for (const comment of comments) assertStringIncludes(text, `# ${comment}`);
});

Deno.test("a ULOG source takes a group or its place in a bit mask; 32 where none is named", () => {
  const groups = ["nlgroup=3", "nlgroup=0x40", ""].map((setting) =>
    imported(stack("ULOG", "PCAP", `[in]\n${setting}\n`)).config.sources[0]!.options.group
  );
  assertEquals(groups, [3, 7, 32]);
  assertEquals(
    problemsOf(stack("ULOG", "PCAP", "[in]\nnlgroup=33\n")),
    "ulogd.conf: line 4: nlgroup must be a number from 1 to 32, not 33",
  );
});

const MYSQL_CONNECTIONS: readonly [settings: string, url: string][] = [
  ['db="a b"\nuser="u@x"\npass="secret"', "mysql://u%40x@/a%20b?socket=/run/mysqld/mysqld.sock"],
  ['db="d"\nuser="u"\nhost="localhost"\nport=3307', "mysql://u@localhost:3307/d"],
  ['db="d"\nuser="u"\nhost="::1"', "mysql://u@[::1]/d"],
  ["", "mysql://ulogd@/ulogd?socket=/run/mysqld/mysqld.sock"],
];

for (const [settings, url] of MYSQL_CONNECTIONS) {
  Deno.test(`a MYSQL output with ${settings.replaceAll("\n", " ")} has its URL without password`, () => {
    const { config, text } = imported(stack("NFLOG", "MYSQL", `[out]\n${settings}\n`));
    assertEquals(config.outputs[0]!.options.url, url);
    assertEquals(text.includes("the password stays out"), settings.includes("secret"));
    assert(!text.includes("secret"), text);
  });
}

Deno.test("a SQLITE3 output has ulogd's file, with tables of its own", () => {
  const settings = '[out]\ndb="/srv/ulogd.db"\ntable="ulog_pkt"\nbuffer=200\n';
  const { config, text } = imported(stack("NFLOG", "SQLITE3", settings));
  assertEquals(config.outputs[0]!.options.path, "/srv/ulogd.db");
  assertStringIncludes(text, "table=ulog_pkt: nfscribe has tables of its own, packets and flows");
  assertStringIncludes(text, "buffer=200: not needed");
});

const CONNECTIONS: readonly [settings: string, url: string][] = [
  ['db="a b"\nuser="u@x"\npass="secret"', "postgres://u%40x@/a%20b"],
  ['db="d"\nuser="u"\nhost="::1"\nport=5433', "postgres://u@[::1]:5433/d"],
  [
    'db="d"\nuser="u"\nhost="/run/pg"\nconnect_timeout=5',
    "postgres://u@%2Frun%2Fpg/d?connect_timeout=5",
  ],
  [
    `connstring="host=db port=4321 dbname=nulog user=nupik password=secret sslmode=require"`,
    "postgres://nupik@db:4321/nulog?sslmode=require",
  ],
  [`connstring="password='se\\'cret' dbname=x"`, "postgres://ulogd@/x"],
  [`connstring="postgresql://u:secret@h:1/d?sslmode=prefer"`, "postgres://u@h:1/d?sslmode=prefer"],
  [`connstring="service=x password=secret"`, "postgres:///?service=x"],
  [
    `connstring="host=a,b port=1,2 user=u application_name='the gate'"`,
    "postgres://u@/?host=a%2Cb&port=1%2C2&application_name=the%20gate",
  ],
  [`connstring="postgresql://u@a,[::1]:2/d"`, "postgres://u@/d?host=a%2C%3A%3A1&port=%2C2"],
  [`connstring="postgres://u:se/cret@h/d"`, "postgres://ulogd@/"],
  [`connstring="dbname=d user=u password=se cret=x"`, "postgres://u@/d"],
];

for (const [settings, url] of CONNECTIONS) {
  Deno.test(`a PGSQL output with ${settings.replaceAll("\n", " ")} has its URL without password`, () => {
    const { config, text } = imported(stack("NFLOG", "PGSQL", `[out]\n${settings}\n`));
    assertEquals(config.outputs[0]!.options.url, url);
    assertEquals(
      text.includes("the password stays out"),
      /cret/.test(settings),
    );
  });
}

Deno.test("two PGSQL outputs have a spool each, and a schema becomes the table's", () => {
  const { config } = imported(`[global]
stack=in:NFLOG,a:PGSQL
stack=in:NFLOG,b:PGSQL
[a]
db=x
user=u
schema=fw
[b]
db=y
user=u
`);
  assertEquals(config.outputs.map(({ options }) => [options.table, options.spool]), [
    ["fw.packets", "spool"],
    ["packets", "spool-b"],
  ]);
});

Deno.test("instances that share a group or a file become one", () => {
  const { config, text } = imported(`[global]
stack=a:NFLOG,x:LOGEMU
stack=b:NFLOG,y:LOGEMU
stack=b:NFLOG,z:PCAP
[x]
file=/tmp/l
[y]
file=/tmp/l
[z]
file=/tmp/l
`);
  assertEquals(config.sources.map(({ name }) => name), ["a"]);
  assertEquals(config.outputs.map(({ name }) => name), ["x"]);
  const comments = [
    "line 3: b reads group 0, too, and is this source",
    "line 3: y has the same file, and is this output, too",
    "line 4: z is left out: it has the same file",
  ];
  for (const comment of comments) assertStringIncludes(text, `# ${comment}`);
});

Deno.test("outputs that print ulogd's keys print those of the plugins of their stack", () => {
  const { config, text } = imported(`[global]
stack=in:NFLOG,base:BASE,ifi:IFINDEX,ip:IP2STR,mac:HWHDR,all:GPRINT
stack=in:NFLOG,base:BASE,ip:IP2STR,print:PRINTPKT,some:OPRINT
stack=in:NFLOG,none:GPRINT
stack=in:NFLOG,doc:XML
stack=in:NFLOG,out:XML
[in]
group=1
seq_global=1
numeric_label=0x101
[all]
timestamp=1
sync=1
[some]
file=/data/some.oprint
[none]
file=/data/none.gprint
[doc]
directory="/data//"
[out]
stdout=1
`);
  const keys = { sequence: ["global"], label: 1 };
  const options = config.outputs.map(({ options }) => {
    const { path, sync, timestamp, plugins, sequence, label } = options;
    return JSON.parse(JSON.stringify({ path, sync, timestamp, plugins, sequence, label }));
  });
  assertEquals(options, [
    {
      path: "/var/log/nfscribe/ulogd_gprint.log",
      sync: true,
      timestamp: true,
      plugins: ["BASE", "IFINDEX", "IP2STR", "HWHDR"],
      ...keys,
    },
    { path: "/data/some.oprint", sync: false, plugins: ["BASE", "IP2STR"], ...keys },
    { path: "/data/none.gprint", sync: false, timestamp: false, plugins: [], ...keys },
    { path: "/data/ulogd-pkt-{time}.xml", sync: false },
    { path: "-", sync: false },
  ]);
  assertStringIncludes(text, "# the keys of PRINTPKT are not printed\n");
});

Deno.test("a JSON output keeps the lines of ulogd's plugin, whatever its settings", () => {
  const route: Route = {
    kind: "packet",
    filters: ["BASE", "IFINDEX", "IP2STR", "HWHDR"],
    input: new Settings({ name: "in", line: 1, settings: [] }),
  };
  const json = (text: string) => importJson(new Settings(parseConf(`[x]\n${text}`)[1]), 2, route);
  const always: [string, Value][] = [["type", "json"], ["path", "/var/log/ulogd.json"], [
    "sync",
    false,
  ]];
  assertEquals(json(""), { entries: [...always, ["format", "ulogd2"]], notes: [] });
  assertEquals(json("timestamp=0\neventv1=1\nboolean_label=1\ndevice=gate\nfile=/x\nsync=1"), {
    entries: [
      ["type", "json"],
      ["path", "/x"],
      ["sync", true],
      ["format", "ulogd2"],
      ["timestamp", false],
      ["eventv1", true],
      ["boolean_label", true],
      ["device", "gate"],
    ],
    notes: [],
  });
  assertEquals(json('mode="unix"\nfile="/run/socket"\nhost=h\nport=1'), {
    entries: [...always, ["format", "ulogd2"]],
    notes: [
      "line 4: host=h: is for a socket; nfscribe writes a file here",
      "line 5: port=1: is for a socket; nfscribe writes a file here",
      "line 2: mode=unix: nfscribe writes a file here",
    ],
  });
});

Deno.test("NFACCT and GRAPHITE become an accounting source and a Graphite output", () => {
  const { value, config } = imported(
    `[global]
stack=acct1:NFACCT,graphite1:GRAPHITE
stack=acct1:NFACCT,json1:JSON
[acct1]
pollinterval=2
zerocounter=0
timestamp=1
[graphite1]
host="2001:db8::7"
port="2103"
prefix="fw.one"
[json1]
file="/var/log/sums.json"
`,
  );
  assertEquals(value.source, [{
    type: "accounting",
    interval_seconds: 2,
    objects: ["nfacct"],
    reset: false,
    name: "acct1",
  }]);
  const { graphite1, json1 } = value.output as Record<string, Record<string, unknown>>;
  assertEquals(graphite1, {
    type: "graphite",
    url: "tcp://[2001:db8::7]:2103",
    prefix: "fw.one",
    counts: "total",
  });
  assertEquals([json1!.format, json1!.sum_time], ["ulogd2", undefined]);
  assertEquals(config.sources[0]!.options.unchanged, true);
});

Deno.test("NFACCT resets objects and prints no time where its settings do not say so", () => {
  const conf = "[global]\nstack=a:NFACCT,b:GPRINT\n[a]\npollinterval=60\n";
  const { value } = imported(conf);
  assertEquals((value.source as { reset: boolean }[])[0]!.reset, true);
  assertEquals((value.output as { b: { sum_time: boolean } }).b.sum_time, false);
});

Deno.test("NFACCT without an interval does not start with ulogd, and is refused", () => {
  const message = problemsOf("[global]\nstack=a:NFACCT,b:GPRINT\n[a]\nzerocounter=1\n");
  assertStringIncludes(message, "pollinterval must be a number of seconds from 1");
  assertStringIncludes(
    problemsOf("[global]\nstack=a:NFACCT,b:GPRINT\n[a]\npollinterval=0\n"),
    "line 4: pollinterval",
  );
});

Deno.test("NFCT becomes a conntrack source; its table is comments", () => {
  const { value, text } = imported(`[global]
stack=ct1:NFCT,ip2str1:IP2STR,print1:PRINTFLOW,emu1:LOGEMU
stack=ct1:NFCT,ip2str1:IP2STR,json1:JSON
stack=ct2:NFCT,ip2str1:IP2STR,json1:JSON
stack=ct1:NFCT,pcap1:PCAP
[ct1]
netlink_socket_buffer_maxsize=1085440
netlink_resync_timeout=30
event_mask=5
accept_proto_filter=tcp,sctp
[ct2]
hash_enable=0
[emu1]
file="flows.log"
[json1]
file="flows.json"
`);
  assertEquals(value, {
    source: [{
      type: "conntrack",
      events: ["new", "destroy"],
      buffer_size: 1085440,
      name: "ct1",
    }],
    stats,
    output: {
      emu1: {
        ...{ type: "logemu", path: "flows.log", sync: false },
        where: "event destroy and proto (tcp or sctp)",
      },
      json1: { type: "json", path: "flows.json", sync: false, format: "ulogd2" },
    },
  });
  const comments = [
    "line 5: the stack that ends with PCAP is left out: this output takes no flows from NFCT",
    "line 8: netlink_resync_timeout=30: ulogd read the table again after a loss; reconcile = true",
    "line 9: event_mask=5: with its hash, ulogd prints ends only",
    "line 4: ct2 reads the flows, too, and is this source\n",
  ];
  for (const comment of comments) assertStringIncludes(text, `# ${comment}`);
  assert(!text.includes("PRINTFLOW") && !text.includes("IP2STR"), text);
});

Deno.test("Inputs of flows are joined, and each output chooses what its own inputs let through", () => {
  const { value, text } = imported(`[global]
stack=ct1:NFCT,a:GPRINT
stack=ct2:NFCT,b:OPRINT
stack=ct1:NFCT,c:JSON
stack=ct2:NFCT,c:JSON
stack=log:NFLOG,d:LOGEMU
stack=ct1:NFCT,d:LOGEMU
[ct1]
accept_src_filter=192.0.2.0/24,10.0.0.0/8
[ct2]
hash_enable=0
event_mask=1
accept_proto_filter=tcp
accept_mark_filter=7
netlink_socket_buffer_size=65536
`);
  assertStringIncludes(text, '# line 14: accept_mark_filter=7: write where = "mark VALUE/MASK"');
  const ct1 = "event destroy and src net (192.0.2.0/24 or 10.0.0.0/8)";
  const ct2 = "event new and proto tcp";
  const [flows] = value.source as Record<string, unknown>[];
  assertEquals(flows, {
    ...{ type: "conntrack", events: ["new", "destroy"], buffer_size: 65536, name: "ct1" },
    where: "(src net (192.0.2.0/24 or 10.0.0.0/8)) or (proto tcp)",
  });
  const wheres = Object.entries(value.output as Record<string, { where?: string }>)
    .map(([name, { where }]) => [name, where]);
  assertEquals(wheres, [
    ["a", ct1],
    ["b", ct2],
    ["c", `(${ct1}) or (${ct2})`],
    ["d", `(capture "ct1" and (${ct1})) or (capture "log")`],
  ]);
});

Deno.test("An input that asks for flows and one that takes events are the first of them", () => {
  const { value, text } = imported(`[global]
stack=ct1:NFCT,a:GPRINT
stack=ct2:NFCT,b:OPRINT
[ct1]
pollinterval=5
`);
  assertEquals((value.source as { poll_seconds?: number }[])[0]!.poll_seconds, 5);
  assertStringIncludes(
    text,
    'line 3: ct2 reads the flows, too, and is this source; left out: events = ["destroy"]',
  );
});

Deno.test("Stacks of flows that end with XML, NACCT and IPFIX become outputs of flows", () => {
  const { value, text } = imported(`[global]
stack=ct1:NFCT,xml1:XML
stack=ct1:NFCT,ip2str1:IP2STR,na1:NACCT
stack=ct1:NFCT,ipfix1:IPFIX
stack=ct1:NFCT,ipfix2:IPFIX
[na1]
sync=1
[ipfix1]
oid=5
host="192.0.2.9"
port=2055
proto="udp"
mtu=1500
send_template="always"
[ipfix2]
host="2001:db8::9"
`);
  assertEquals(value.output, {
    xml1: {
      type: "xml",
      path: "/var/log/nfscribe/ulogd-flow-{time}.xml",
      sync: false,
      records: "flows",
    },
    na1: { type: "nacct", path: "/var/log/nfscribe/nacctdata.log", sync: true },
    ipfix1: {
      type: "ipfix",
      url: "udp://192.0.2.9:2055",
      observation_domain: 5,
      max_message: 1472,
    },
    ipfix2: { type: "ipfix", url: "tcp://[2001:db8::9]:4739" },
  });
  assertStringIncludes(text, "# line 14: send_template=always: nfscribe sends each template when");
  assertStringIncludes(text, "# ulogd adds up both directions in 32 bits");
});

Deno.test("A document for packets, flows and counters becomes one for each", () => {
  const { value } = imported(`[global]
stack=log1:NFLOG,xml1:XML
stack=ct1:NFCT,xml1:XML
stack=acct1:NFACCT,xml1:XML
stack=log1:NFLOG,gp1:GPRINT
stack=ct1:NFCT,gp1:GPRINT
[acct1]
pollinterval=2
`);
  const sources = value.source as { outputs?: string[] }[];
  assertEquals(sources.map(({ outputs }) => outputs), [
    ["xml1", "gp1"],
    ["xml1-flow", "gp1"],
    ["xml1-counter"],
  ]);
  const { gp1: _, ...documents } = value.output as Record<string, unknown>;
  assertEquals(documents, {
    xml1: { type: "xml", path: "/var/log/nfscribe/ulogd-pkt-{time}.xml", sync: false },
    "xml1-flow": {
      ...{ type: "xml", path: "/var/log/nfscribe/ulogd-flow-{time}.xml", sync: false },
      records: "flows",
    },
    "xml1-counter": {
      ...{ type: "xml", path: "/var/log/nfscribe/ulogd-sum-{time}.xml", sync: false },
      records: "counters",
    },
  });
});

for (
  const [settings, expected] of [
    ["", { events: ["destroy"] }],
    ["hash_enable=0", { events: ["new", "destroy"] }],
    ["hash_enable=0\nevent_mask=3", { events: ["new"] }],
    ["hash_enable=0\nevent_mask=2", { events: ["destroy"] }],
    ["network_namespace_path=/run/netns/blue", { events: ["destroy"], netns: "/run/netns/blue" }],
    ["pollinterval=10", { poll_seconds: 10 }],
    ["pollinterval=0\naccept_dst_filter=10.0.0.0/8", {
      events: ["destroy"],
      where: "dst net 10.0.0.0/8",
    }],
    [
      "accept_src_filter=192.168.1.9/24,1:2::3/64,10.1.2.3\naccept_dst_filter=::/0\naccept_proto_filter=tcp",
      {
        events: ["destroy"],
        where: "src net (192.168.1.0/24 or 1:2::/64 or 10.1.2.3/32) and dst net ::/0 and proto tcp",
      },
    ],
    ["accept_proto_filter=nonsense", { events: ["destroy"] }],
    ["pollinterval=5\naccept_proto_filter=tcp", { poll_seconds: 5 }],
  ] as const
) {
  Deno.test(`NFCT with ${JSON.stringify(settings)} becomes ${JSON.stringify(expected)}`, () => {
    const { value } = imported(stack("NFCT", "LOGEMU", `[in]\n${settings}\n`));
    assertEquals(value.source, [{ type: "conntrack", ...expected, name: "in" }]);
  });
}

Deno.test("names and paths of all kinds are TOML", () => {
  const { config } = imported(
    "[global]\nstack=i.n:NFLOG,o.u'é:LOGEMU\n[o.u'é]\nfile=\"a\\b' é.log\"\n",
  );
  assertEquals(config.sources[0]!.name, "i.n");
  assertEquals(config.outputs[0]!.name, "o.u'é");
  assertEquals(config.outputs[0]!.options.path, "a\\b' é.log");
});

const NOTHING: readonly [conf: string, message: string][] = [
  ["", "ulogd.conf: plugin: no output is loaded; name one, as in ulogd_LOGEMU.so"],
  [
    "[global]\n",
    "ulogd.conf: stack: no stack is active, and ulogd does not start without; name one, as in " +
    "stack=log1:NFLOG,base1:BASE,pcap1:PCAP",
  ],
  [
    "[global]\nstack=a:NFCT,b:PCAP\nstack=log1,emu1\n",
    "ulogd.conf: line 3: the stack is not as in log1:NFLOG,…,emu1:LOGEMU: log1,emu1",
  ],
  [
    "[global]\nstack=a:NFCT,b:PCAP\nstack=a:NFLOG,b:NACCT\n",
    "ulogd.conf: line 2: the stack that ends with PCAP is left out: this output takes no flows from NFCT",
  ],
  ["[global]\nstack=a:NFLOG,b:PCAP\n[a]\ngroup=65536\n", "ulogd.conf: line 4: group must be"],
];

for (const [conf, message] of NOTHING) {
  Deno.test(`importUlogd() refuses ${JSON.stringify(conf)}`, () => {
    assertStringIncludes(problemsOf(conf), message);
  });
}

Deno.test("importUlogd() throws nothing but its own error, whatever it reads", () => {
  const words = [...'[]="#, \n:a', "global", "stack", "NFLOG", "PCAP", "PGSQL", "connstring", "="];
  let seed = 7;
  const random = (most: number) => (seed = (seed * 48271) % 0x7fff_ffff) % most;
  let made = 0;
  for (let round = 0; round < 2000; round++) {
    const noise = Array.from({ length: random(30) }, () => words[random(words.length)]).join("");
    try {
      parse(importUlogd(`[global]\nstack=a:NFLOG,b:PGSQL\n${noise}`, "x", COUNTERPARTS));
      made++;
    } catch (error) {
      assert(error instanceof ConfigError, String(error));
    }
  }
  assert(made > 100);
});

Deno.test("a quote is one at a value's beginning only, as for ulogd", () => {
  const [, section] = parseConf(
    `[s]\na=/x/a"b.pcap\nb="/x/two"more\nc=/x/end"\nd=x=y\ne=/[x]#y\nf="/a\\"b"\n`,
  );
  assertEquals(section!.settings.map(({ value }) => value), [
    '/x/a"b.pcap',
    "/x/two",
    '/x/end"',
    "x",
    "/[x]#y",
    "/a\\",
  ]);
  assertEquals(section!.settings.filter(({ note }) => note !== undefined), []);
});

Deno.test("quotes that ulogd treats as characters are quotes, and a comment notes it", () => {
  const { config, text } = imported(stack(
    "NFLOG",
    "LOGEMU",
    `[out]\nfile=\\"/data/x emu.log\\"\n[in]\ngroup='3'\nbind="1\n`,
  ));
  assertEquals(config.outputs.map(({ options }) => options.path), ["/data/x emu.log"]);
  assertEquals(config.sources.map(({ options }) => options.group), [3]);
  assertStringIncludes(text, '# line 4: ulogd takes \\" for a part of file; here it is a quote\n');
  assertStringIncludes(text, "# line 6: ulogd takes ' for a part of group; here it is a quote\n");
  assertStringIncludes(text, "# line 7: the quote of bind is not closed; ulogd does not read it\n");
});

for (
  const [where, before, after] of [
    ["above all sections", "STACK\n", ""],
    ["in another section", "[global]\nloglevel=3\n", "STACK\n"],
  ] as const
) {
  Deno.test(`a stack ${where} counts, and a comment notes that ulogd ignores it`, () => {
    const line = "stack=log1:NFLOG,emu1:LOGEMU";
    const conf = `${before}[emu1]\nfile=/x\n${after}[log1]\ngroup=7\n`.replace("STACK", line);
    const { config, text } = imported(conf);
    assertEquals(config.sources.map(({ options }) => options.group), [7]);
    assertEquals(config.outputs.map(({ options }) => options.path), ["/x"]);
    const number = conf.split("\n").indexOf(line) + 1;
    assertStringIncludes(text, `# line ${number}: ulogd 2 reads stack below [global] only`);
    assert(!text.includes("stack="), text);
  });
}

Deno.test("files go where the service may write, each to its own", () => {
  const { config, text } = imported(`[global]
stack=in:NFLOG,a:LOGEMU
stack=in:NFLOG,b:LOGEMU
stack=in:NFLOG,c:PCAP
stack=in:NFLOG,d:LOGEMU
stack=in:NFLOG,e:PCAP
logfile=/var/log/ulog/ulogd.log
[a]
file=/var/log/ulog/fw.log
[b]
file=/var/log/fw/fw.log
[c]
file=/data/fw.pcap
[d]
file=/dev/stdout
[e]
file=/var/log/nfscribe/x.pcap
`);
  assertEquals(config.outputs.map(({ options }) => options.path), [
    "/var/log/nfscribe/fw.log",
    "/var/log/nfscribe/fw-fw.log",
    "/data/fw.pcap",
    "-",
    "/var/log/nfscribe/x.pcap",
  ]);
  assertStringIncludes(text, 'file = "/var/log/nfscribe/ulogd.log"');
  assertStringIncludes(text, "# was /var/log/fw/fw.log, where nfscribe.service may not write\n");
  assertStringIncludes(text, "for this file say ReadWritePaths=/data in systemctl edit nfscribe\n");
});

Deno.test("nothing of a file acts on a terminal in what is printed of it", () => {
  const text = importUlogd(
    stack("NFLOG", "LOGEMU", `[out]\nfile="/a\x1b[31m\x9b\u202e"\nfoo=\x1b[2J\x9b\u202e\n`),
    "ulogd\x1b.conf",
    COUNTERPARTS,
  );
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), JSON.stringify(text));
  assertStringIncludes(text, "foo=\\u001b[2J\\u009b\\u202e");
  assertStringIncludes(text, 'path = "/a\\u001b[31m\\u009b\\u202e"');
});

Deno.test("importUlogd() keeps files where they were for a service that is given their folders", () => {
  const paths = new ServicePaths({ keeps: true });
  const conf = `[global]
logfile="/var/log/ulogd.log"
stack=in:NFLOG,base1:BASE,a:PCAP
stack=in:NFLOG,base1:BASE,b:PCAP
stack=in:NFLOG,base1:BASE,c:PCAP
[a]
file="/var/log/ulog/a.pcap"
[b]
file="/home/me/b.pcap"
[c]
file="/srv/fw/c.pcap"
`;
  const config = checkConfig(parse(importUlogd(conf, "x", COUNTERPARTS, paths)), "nfscribe.toml");
  assertEquals(config.outputs.map(({ options }) => options.path), [
    "/var/log/ulog/a.pcap",
    "/var/log/nfscribe/b.pcap",
    "/srv/fw/c.pcap",
  ]);
  assertEquals(config.log.file, "/var/log/nfscribe/ulogd.log");
  assertEquals(foldersOf(paths.kept), ["/var/log/ulog", "/srv/fw"]);
});

/** Imports one PCAP output for a service that is given folders; returns its path, what is given, and the text. */
function given(file: string, follow?: (path: string) => string) {
  const paths = new ServicePaths({ keeps: true, ...follow !== undefined && { follow } });
  const text = importUlogd(
    stack("NFLOG", "PCAP", `[out]\nfile="${file}"\n`),
    "x",
    COUNTERPARTS,
    paths,
  );
  const { outputs } = checkConfig(parse(text), "nfscribe.toml");
  return { path: outputs[0]!.options.path, folders: foldersOf(paths.kept), text };
}

Deno.test("importUlogd() gives the service no folder of the system, of users or of other programs", () => {
  const files =
    "/etc/y.x /srv/x/../../etc/y.x //etc/y.x /etc/sudoers.d/../../etc/systemd/system/y.x " +
    "/etc/cron.d/y.x /usr/bin/y.x /lib/systemd/y.x /boot/y.x /opt/a/y.x /run/a/y.x /var/lib/dpkg/y.x " +
    "/var/spool/cron/y.x /var/log/y.x /var/log/./y.x /var/log/journal/a/y.x /srv/y.x /y.x " +
    "/home/a/b/y.x /var/log/nfscribe/../../../root/y.x /tmp/a/y.x";
  for (const file of files.split(" ")) {
    const { path, folders, text } = given(file);
    assertEquals([path, folders], ["/var/log/nfscribe/y.x", []], file);
    assertMatch(text, /# was \S+, where nfscribe.service may not write/);
  }
});

Deno.test("importUlogd() follows links before it gives a folder to the service", () => {
  const links = (path: string) =>
    path.replace("/srv/link/", "/etc/cron.d/").replace("/srv/far/", "/data/fw/");
  assertEquals(given("/srv/link/y.x", links).path, "/var/log/nfscribe/y.x");
  const { path, folders, text } = given("/srv/fw/..//far/y.x", links);
  assertEquals([path, folders], ["/data/fw/y.x", ["/data/fw"]]);
  assertStringIncludes(text, "# was /srv/fw/..//far/y.x, which leads there");
});

Deno.test("importUlogd() advises to open no folder of the system for the service", () => {
  const { text } = imported(stack("NFLOG", "PCAP", `[out]\nfile="/srv/../etc/y"\n`));
  assertStringIncludes(text, 'path = "/etc/y"');
  assertStringIncludes(text, "is not to write to /etc");
  assertEquals(text.includes("ReadWritePaths"), false);
});
