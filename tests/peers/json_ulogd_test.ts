import { assert, assertEquals } from "@std/assert";
import { Ulogd2JsonEncoder } from "../../src/output/json/ulogd2.ts";
import type { Ulogd2Options } from "../../src/output/json/ulogd2_options.ts";
import { captureSoon, take } from "../kernel/traffic.ts";
import { canRun, must, temporaryFolder, until } from "../system/process.ts";
import { lines } from "./record.ts";
import { timeless } from "./key_formats.ts";
import { DEFAULTS, encoded, GROUPS } from "./record_keys.ts";
import { hasUlogd, KEYS_STACK, startUlogdStacks } from "./ulogd.ts";

const HAS_ALL = hasUlogd("JSON") && canRun("iptables-nft", "-S");
const NEEDS = HAS_ALL ? "" : " (needs ulogd2-json, iptables-nft and root)";

/** A packet's line in ulogd's JSON and in nfscribe's. */
interface Pair {
  theirs: string;
  ours: string;
}

/** Options of {@linkcode pairs}. */
interface Settings {
  /** Prefixes, as printf(1) writes them. */
  prefixes: readonly string[];
  /** Settings of ulogd's output, one a line. */
  output?: string;
  /** Settings of ulogd's input. */
  input?: string[];
  /** The same for nfscribe. */
  options?: Partial<Ulogd2Options>;
  /** Time zone. */
  zone?: string;
}

/** Sends a packet for each prefix, which ulogd and nfscribe log. */
async function pairs(
  { prefixes, output = "", input = [], options = {}, zone = "UTC" }: Settings,
): Promise<Pair[]> {
  await using folder = await temporaryFolder();
  const rules = prefixes.flatMap((prefix, index) =>
    [GROUPS.ulogd, GROUPS.test].map((group) =>
      `iptables-nft -A OUTPUT -d 127.0.1.${index + 1} -j NFLOG --nflog-group ${group} ` +
      `--nflog-prefix "$(printf '${prefix}')"`
    )
  );
  await must(["sh", "-e"], rules.join("\n"));
  await using _rules = {
    [Symbol.asyncDispose]: async () => void await must(["iptables-nft", "-F", "OUTPUT"]),
  };
  const file = `${folder.path}/theirs.json`;
  const stack = {
    plugin: "JSON",
    options: `file="${file}"\nsync=1\n${output}`,
    through: KEYS_STACK,
  };
  await using _ulogd = await startUlogdStacks(folder.path, GROUPS.ulogd, [stack], {
    environment: { TZ: zone },
    input,
  });
  await using packets = await captureSoon({ group: GROUPS.test });
  for (const index of prefixes.keys()) {
    await must(["ping", "-c", "1", "-q", `127.0.1.${index + 1}`]);
  }
  const taken = await take(packets, prefixes.length);
  await until("ulogd has written all lines", () => lines(file).length === prefixes.length);
  const theirs = lines(file);
  return inZone(zone, () => {
    const encoder = new Ulogd2JsonEncoder({ ...DEFAULTS, ...options });
    return taken.map((packet, index) => ({
      theirs: theirs[index]!,
      ours: encoded(encoder, packet),
    }));
  });
}

function inZone<T>(zone: string, action: () => T): T {
  const before = Deno.env.get("TZ");
  Deno.env.set("TZ", zone);
  try {
    return action();
  } finally {
    if (before === undefined) Deno.env.delete("TZ");
    else Deno.env.set("TZ", before);
  }
}

/** Returns both lines without their times, which differ by microseconds. */
function withoutTimes({ theirs, ours }: Pair): [string, string] {
  return [timeless(theirs).text, timeless(ours).text];
}

/** Prefixes of which jansson prints each byte as nfscribe does. */
const PLAIN = [
  'say "x"',
  "back\\\\slash",
  "slash / and solidus",
  "tab\\tend",
  "\\001\\002\\003\\004\\005\\006\\007\\010",
  "\\013\\014\\015\\016\\017\\020\\021\\022\\023\\024\\025\\026\\027",
  "\\030\\031\\032\\033[2J\\034\\035\\036\\037",
  "</prefix>&amp;",
  "café ☃ 😀",
  '"'.repeat(127),
  "\\001".repeat(127),
  "é".repeat(63),
];
/** Bytes that are not UTF-8. */
const BROKEN = [
  "caf\\351",
  "\\300\\257",
  "\\355\\240\\200",
  "\\364\\220\\200\\200",
  "\\342\\202",
  "\\200",
  `${"x".repeat(126)}\\342\\202\\254`,
];
/** Characters that jansson prints as they are, and that may act on a terminal or break a line. */
const STEERING = [
  "a\\177b",
  "a\\302\\233b",
  "a\\342\\200\\250b",
  "a\\342\\200\\256b",
  "\\330\\234",
];

Deno.test({
  name: `quotes, controls, and bytes that are not UTF-8 are printed as ulogd's JSON does${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const found = await pairs({ prefixes: [...PLAIN, ...BROKEN] });
    for (const pair of found) {
      const [theirs, ours] = withoutTimes(pair);
      assertEquals(ours, theirs);
    }
    assert(found.slice(PLAIN.length, -1).every(({ ours }) => !ours.includes("oob.prefix")));
  },
});

Deno.test({
  name: "characters that may act on a terminal are escaped, and mean the same as in ulogd's " +
    `JSON${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const time = ["timestamp", "oob.time.sec", "oob.time.usec"];
    const parsed = (line: string) =>
      JSON.parse(line, (key, value) => time.includes(key) ? null : value);
    for (const { theirs, ours } of await pairs({ prefixes: STEERING })) {
      assertEquals(parsed(ours), parsed(theirs));
      assert(theirs !== ours);
      assert(/^[\x20-\x7e]*$/.test(ours), ours);
    }
  },
});

for (
  const [zone, sign] of [
    ["UTC", ""],
    ["Asia/Kolkata", "\\+0530"],
    ["America/St_Johns", "-0[23]30"],
    ["Pacific/Chatham", "\\+1[23]45"],
  ] as const
) {
  Deno.test({
    name: `a timestamp in the zone ${zone} is that of ulogd's JSON${NEEDS}`,
    ignore: !HAS_ALL,
    async fn() {
      const [{ theirs, ours } = { theirs: "", ours: "" }] = await pairs({ prefixes: ["x"], zone });
      const pattern = new RegExp(
        `^{"timestamp": "(\\d{4}-\\d\\d-\\d\\dT\\d\\d):\\d\\d:\\d\\d\\.\\d{6}(${sign})"`,
      );
      const [their, our] = [pattern.exec(theirs), pattern.exec(ours)];
      assert(their !== null && our !== null, `${theirs}\n${ours}`);
      assertEquals(our[2], their[2]);
      // The hour may begin between the two.
      const hour = (text: string) => Date.parse(`${text}:00:00Z`);
      assert(Math.abs(hour(our[1]!) - hour(their[1]!)) <= 3_600_000, `${theirs}\n${ours}`);
    },
  });
}

const SETTINGS: readonly (readonly [string, Omit<Settings, "prefixes">])[] = [
  ["eventv1=1", { output: "eventv1=1", options: { eventv1: true } }],
  ["timestamp=0", { output: "timestamp=0", options: { timestamp: false } }],
  ["timestamp=0 and eventv1=1", {
    output: "timestamp=0\neventv1=1",
    options: { timestamp: false, eventv1: true },
  }],
  ["device", { output: 'device="gate é"', options: { device: "gate é" } }],
  ["boolean_label=1", { output: "boolean_label=1", options: { booleanLabel: true } }],
  ["boolean_label=1 and numeric_label=2", {
    output: "boolean_label=1",
    input: ["numeric_label=2"],
    options: { booleanLabel: true, label: 2 },
  }],
  ["numeric_label=200", { input: ["numeric_label=200"], options: { label: 200 } }],
  ["seq_local=1", { input: ["seq_local=1"], options: { sequence: ["local"] } }],
];

for (const [title, settings] of SETTINGS) {
  Deno.test({
    name: `with ${title} the lines are those of ulogd's JSON${NEEDS}`,
    ignore: !HAS_ALL,
    async fn() {
      for (const pair of await pairs({ ...settings, prefixes: ["a", "b"] })) {
        const [theirs, ours] = withoutTimes(pair);
        assertEquals(ours, theirs);
      }
    },
  });
}
