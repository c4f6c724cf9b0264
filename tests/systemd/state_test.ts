import { assertEquals } from "@std/assert";
import {
  decodeState,
  encodeState,
  identityOf,
  type InheritedSource,
  isSameSource,
  socketName,
  sourceOfName,
  sourceText,
} from "../../src/handover/state.ts";

const SOURCES: InheritedSource[] = [
  { name: "firewall", type: "nflog", group: 1, expected: 4_294_967_295 },
  { name: "nflog:2", type: "nflog", group: 2, netns: "/run/netns/blue", expected: 0 },
  { name: "old", type: "ulog", group: 32, netns: 4711, expected: undefined },
];

Deno.test("decodeState() reads what encodeState() wrote, with spaces after it", () => {
  assertEquals(decodeState(encodeState(SOURCES)), SOURCES);
  const padded = new Uint8Array(1000).fill(0x20);
  padded.set(encodeState(SOURCES));
  assertEquals(decodeState(padded), SOURCES);
  assertEquals(decodeState(encodeState([])), []);
});

Deno.test("decodeState() returns undefined for an invalid or truncated state", () => {
  const whole = encodeState(SOURCES);
  for (let length = 0; length < whole.length; length++) {
    assertEquals(decodeState(whole.subarray(0, length)), undefined);
  }
  const row = { name: "a", type: "nflog", group: 1, expected: 1 };
  for (
    const state of [
      null,
      [],
      1,
      { sources: [row] },
      { version: 2, sources: [row] },
      { version: 1, sources: {} },
      { version: 1, sources: [null] },
      ...[
        { name: 1 },
        { type: undefined },
        { group: 65536 },
        { group: "1" },
        { netns: null },
        { expected: 2 ** 32 },
        { expected: -1 },
        { expected: 1.5 },
      ].map((wrong) => ({ version: 1, sources: [{ ...row, ...wrong }] })),
    ]
  ) {
    assertEquals(decodeState(new TextEncoder().encode(JSON.stringify(state))), undefined);
  }
  assertEquals(decodeState(new Uint8Array([0xff, 0xfe])), undefined);
});

Deno.test("socketName() has no colon, and sourceOfName() reads it", () => {
  assertEquals(SOURCES.map(socketName), [
    "nflog-1",
    "nflog-2-%2Frun%2Fnetns%2Fblue",
    "ulog-32-4711",
  ]);
  for (const source of [...SOURCES, { type: "nflog", group: 3, netns: "/a:b-c é" }]) {
    const read = sourceOfName(socketName(source))!;
    assertEquals(isSameSource(read, source), true);
    assertEquals(socketName(source).includes(":"), false);
  }
  for (const name of ["", "nfscribe-state", "nflog", "nflog-", "nflog-x", "1-1", "nflog-1-%"]) {
    assertEquals(sourceOfName(name), undefined);
  }
});

Deno.test("isSameSource() compares type, group and network namespace, not the name", () => {
  const [first] = SOURCES;
  assertEquals(isSameSource(first!, { type: "nflog", group: 1 }), true);
  assertEquals(isSameSource(first!, { type: "ulog", group: 1 }), false);
  assertEquals(isSameSource(first!, { type: "nflog", group: 2 }), false);
  assertEquals(isSameSource(first!, { type: "nflog", group: 1, netns: "blue" }), false);
});

Deno.test("identityOf() is undefined for a source without a group", () => {
  assertEquals(identityOf({ type: "pcap", options: { path: "a.pcap" } }), undefined);
  assertEquals(identityOf({ type: "nflog", options: { group: 1, netns: undefined } }), {
    type: "nflog",
    group: 1,
  });
  assertEquals(identityOf({ type: "nflog", options: { group: 1, netns: 7 } })?.netns, 7);
});

Deno.test("sourceText() describes a source", () => {
  assertEquals(SOURCES.map(sourceText), [
    "nflog group 1",
    "nflog group 2 in /run/netns/blue",
    "ulog group 32 in 4711",
  ]);
});
