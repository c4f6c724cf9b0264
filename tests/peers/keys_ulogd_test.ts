import { assertEquals, assertGreater } from "@std/assert";
import { HAS_NFT } from "../kernel/firewall.ts";
import { cornerFrames } from "./corner_packets.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { timeless } from "./key_formats.ts";
import { watchLoopback } from "./loopback.ts";
import { randomFrames } from "./random_packets.ts";
import type { Way } from "./record.ts";
import { GROUPS, type KeyRecord, recordKeys, type RecordKeysOptions } from "./record_keys.ts";
import { type Family, HAS_TCPREPLAY, layWire } from "./replay.ts";
import { hasUlogd } from "./ulogd.ts";

const HAS_ALL = ["JSON", "GPRINT", "OPRINT", "XML"].every(hasUlogd) && HAS_NFT && HAS_TCPREPLAY;
const NEEDS = HAS_ALL ? "" : " (needs ulogd2, ulogd2-json, tcpreplay and root)";
const WHERE = "in nfscribe and in ulogd's JSON, GPRINT, OPRINT and XML";

/** Largest difference of two loggers' times of the same packet, in seconds. */
const APART_S = 2;
/** Number of differences that a failure shows. */
const SHOWN = 6;

const PREFIXES = [undefined, "", " ", "drop: ", "no-space", "é\tü", "a\\b,c=d", "x".repeat(127)];
const WHOLE: readonly Way[] = PREFIXES.map((prefix) => prefix === undefined ? {} : { prefix });
/** Lengths around the ends of headers, and none at all. */
const CUT: readonly Way[] = [0, 1, 8, 19, 20, 21, 24, 28, 32, 39, 40, 41, 44, 48, 52, 60, 64, 72]
  .map((snaplen) => ({ prefix: "cut: ", snaplen }));
/** Marks that packets get in turn. */
const MARKS = "meta mark set numgen inc mod 3 map { 0 : 0, 1 : 42, 2 : 0xffffffff }";

function statements(ways: readonly Way[]): string[] {
  return ways.map(({ prefix, snaplen }) =>
    Object.values(GROUPS).map((group) =>
      ["log", prefix === undefined ? "" : `prefix "${prefix}"`, `group ${group}`]
        .concat(snaplen === undefined ? [] : [`snaplen ${snaplen}`]).join(" ")
    ).join("\n")
  );
}

function replayed(
  frames: readonly Frame[],
  ways: readonly Way[],
  family: Family = "inet",
): RecordKeysOptions {
  return {
    lay: (folder) => layWire({ folder, family, mark: MARKS, log: statements(ways) }),
    send: (wire) => wire.send(frames, () => true),
  };
}

/** Compares records to the byte, and their times within two seconds. */
function compare(recorded: readonly KeyRecord[]): void {
  assertGreater(recorded.length, 0);
  const different = recorded.filter(({ theirs, ours }) => {
    const [their, our] = [timeless(theirs), timeless(ours)];
    return their.text !== our.text || their.times.length !== our.times.length ||
      their.times.some((time, index) => Math.abs(time - our.times[index]!) > APART_S);
  });
  const shown = different.slice(0, SHOWN).map(({ format, packet, theirs, ours }) =>
    `${format} ${packet}\npayload ${packet.payload?.toHex()}\ntheirs ${theirs}\nours   ${ours}\n`
  );
  assertEquals(different.length, 0, `of ${recorded.length}, the first:\n${shown.join("\n")}`);
}

for (const [ways, how] of [[WHOLE, ""], [CUT, ", cut at many lengths,"]] as const) {
  Deno.test({
    name: `every packet of the captures${how} is the same record ${WHERE}${NEEDS}` +
      (HAS_CAPTURES ? "" : " (needs ../shared/pcaps)"),
    ignore: !HAS_ALL || !HAS_CAPTURES,
    fn: async () => compare(await recordKeys(replayed(await captureFrames(), ways))),
  });

  Deno.test({
    name: `every header that ends early${how} is the same record ${WHERE}${NEEDS}`,
    ignore: !HAS_ALL,
    fn: async () => compare(await recordKeys(replayed(cornerFrames(), ways))),
  });

  for (const seed of [3, undefined]) {
    Deno.test({
      name: `every random packet of seed ${seed ?? "as printed"}${how} is the same record ` +
        `${WHERE}${NEEDS}`,
      ignore: !HAS_ALL,
      async fn() {
        const chosen = seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
        if (seed === undefined) console.log(`seed ${chosen}`);
        compare(await recordKeys(replayed(randomFrames(chosen, 3000), ways)));
      },
    });
  }
}

for (const family of ["forward", "bridge"] as const) {
  Deno.test({
    name: `every packet of family ${family} is the same record ${WHERE}${NEEDS}`,
    ignore: !HAS_ALL,
    fn: async () => compare(await recordKeys(replayed(randomFrames(9, 1500), WHOLE, family))),
  });
}

for (
  const plugins of [["BASE"], ["BASE", "IP2STR"], ["BASE", "IFINDEX", "IP2STR"], [
    "BASE",
    "HWHDR",
  ]] as const
) {
  Deno.test({
    name: `behind ${plugins.join(" and ")} every packet is the same record ${WHERE}${NEEDS}`,
    ignore: !HAS_ALL,
    async fn() {
      compare(await recordKeys({ ...replayed(randomFrames(11, 600), WHOLE), plugins }));
    },
  });
}

Deno.test({
  name: `the packets of local users are the same records ${WHERE}, with their UID and GID${NEEDS}`,
  ignore: !HAS_ALL,
  async fn() {
    const recorded = await recordKeys({
      lay: (folder) => watchLoopback({ folder, mark: MARKS, log: statements(WHOLE) }),
      send: (wire) => wire.send([], () => true),
    });
    compare(recorded);
    const owned = recorded.filter(({ ours }) => /oob\.uid.{1,3}1234\b/.test(ours));
    assertGreater(owned.length, 0);
  },
});
