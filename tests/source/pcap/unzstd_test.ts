import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { zstdCompressSync } from "node:zlib";
import { PackedDamage, packerOf } from "../../../src/source/pcap/packed.ts";
import { UnzstdSource } from "../../../src/source/pcap/unzstd.ts";
import { concat, hex } from "../../packet/sample.ts";
import { PackedBytes, packedByZstd, unpackAll } from "./packed.ts";

const TEXT = new TextEncoder().encode("packets ".repeat(100_000));
/** 300 KB that do not compress, so that the frame's blocks store them unchanged. */
const NOISE = concat(
  ...Array.from({ length: 5 }, () => crypto.getRandomValues(new Uint8Array(60_000))),
);
/** Skippable frames. */
const SKIPPABLE = [hex("502a4d18 00000000"), hex("5f2a4d18 03000000 010203")];

async function unpacked(bytes: Uint8Array, pieceLength?: () => number) {
  return await unpackAll(new PackedBytes(bytes, pieceLength), "zstd");
}

Deno.test("gzip and zstd are detected by the first bytes, skippable frames included", () => {
  assertEquals(packerOf(hex("1f8b0800")), "gzip");
  assertEquals(packerOf(hex("28b52ffd")), "zstd");
  for (const frame of SKIPPABLE) assertEquals(packerOf(frame), "zstd");
  for (const other of ["28b52f", "28b52ffe", "602a4d18", "d4c3b2a1", "0a0d0d0a", ""]) {
    assertEquals(packerOf(hex(other)), undefined);
  }
});

Deno.test("zstd data is decompressed, in pieces of any size", async () => {
  for (const text of [TEXT, NOISE, new Uint8Array(0), new Uint8Array(1_000_000)]) {
    for (const pieceLength of [undefined, () => 1000, () => 7]) {
      const bytes = packedByZstd(text);
      assertEquals(await unpacked(bytes, pieceLength), { unpacked: text, damage: undefined });
      const plain = new Uint8Array(zstdCompressSync(text)); // without a checksum
      assertEquals(await unpacked(plain, pieceLength), { unpacked: text, damage: undefined });
    }
  }
});

Deno.test("Several frames follow each other, and skippable ones are skipped", async () => {
  const [first, second] = [packedByZstd(TEXT), packedByZstd(NOISE)];
  const bytes = concat(SKIPPABLE[0]!, first, SKIPPABLE[1]!, SKIPPABLE[0]!, second, SKIPPABLE[1]!);
  const whole = concat(TEXT, NOISE);
  for (const pieceLength of [undefined, () => 999, () => 5]) {
    assertEquals(await unpacked(bytes, pieceLength), { unpacked: whole, damage: undefined });
  }
});

Deno.test("Of a file that is cut, all that is whole comes", async () => {
  const bytes = concat(packedByZstd(TEXT), packedByZstd(NOISE));
  for (const left of [1, 4, 5, 100, 60_000, 250_000]) {
    const { unpacked: text, damage } = await unpacked(bytes.subarray(0, -left));
    assertEquals(damage, "invalid zstd data (the file ends within a frame)");
    assertEquals(text, concat(TEXT, NOISE).subarray(0, text.length));
    // The available part of an uncompressed block is delivered.
    const lost = TEXT.length + NOISE.length - text.length;
    assert(lost <= left, `${lost} of ${left}`);
  }
  for (const cut of [SKIPPABLE[1]!.subarray(0, -1), SKIPPABLE[0]!.subarray(0, 6), hex("28b5")]) {
    const { damage } = await unpacked(concat(packedByZstd(TEXT), cut));
    assertEquals(damage, "invalid zstd data (the file ends within a frame)");
  }
});

Deno.test("Of a file that is damaged, the blocks before the damage come", async () => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i * 7919 % 1000} ${i}\n`).join("");
  const text = new TextEncoder().encode(lines);
  const bytes = packedByZstd(text);
  const at = bytes.length >> 1;
  const { unpacked: given, damage } = await unpacked(bytes.with(at, bytes[at]! ^ 0x55));
  assert(damage !== undefined);
  const checksum = await unpacked(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
  assertEquals(checksum.unpacked, text);
  assert(checksum.damage!.includes("invalid zstd data ("), checksum.damage);
  assert(given.length > text.length / 4, `${given.length}`);
});

Deno.test("Invalid zstd, and unsupported features, are damage with a reason", async () => {
  const reasons: [bytes: string, reason: string][] = [
    ["00112233", "no frame begins here"],
    ["28b52ffd 00 58 070000", "a block of type 3 and 0 bytes"],
    ["28b52ffd 00 58 ffff1f", "a block of type 3 and 262143 bytes"],
    ["28b52ffd 00 58 0d0010", "a block of type 2 and 131073 bytes"],
    ["28b52ffd 01 58 07 010000", "it needs a dictionary, which nfscribe does not support"],
    [
      "28b52ffd 00 90",
      "its window takes 256 MiB, where 128 are the most; decompress it first with",
    ],
    ["28b52ffd e0 0000000000010000", "its window takes 1048576 MiB, where 128 are the most"],
  ];
  for (const [bytes, reason] of reasons) {
    const { unpacked: given, damage } = await unpacked(concat(packedByZstd(TEXT), hex(bytes)));
    assertEquals(given, TEXT);
    assert(damage?.startsWith(`invalid zstd data (${reason}`), `${bytes}: ${damage}`);
  }
});

Deno.test("That the packed bytes cannot be read is no damage", async () => {
  const source = await UnzstdSource.over({
    isUnpacked: false,
    mayWait: false,
    read: () => Promise.reject(new Deno.errors.Interrupted("no more")),
    close() {},
  });
  const error = await assertRejects(() => source.read(new Uint8Array(9)), Error, "no more");
  assert(!(error instanceof PackedDamage));
  source.close();
});

Deno.test("A little that unpacks to a lot is unpacked as it is taken", async () => {
  const bytes = packedByZstd(new Uint8Array(512 * 1024 * 1024));
  const packedBytes = new PackedBytes(bytes, () => 64);
  const source = await UnzstdSource.over(packedBytes);
  const buffer = new Uint8Array(65_536);
  for (let taken = 0; taken < 8 * 1024 * 1024;) taken += (await source.read(buffer))!;
  // A block of 128 KiB is 4 bytes and more.
  assertLess(packedBytes.taken, 2000);
  source.close();
});

Deno.test("A source that is closed while it is read gives no more", async () => {
  const waiting = Promise.withResolvers<null>();
  const source = await UnzstdSource.over({
    isUnpacked: false,
    mayWait: false,
    read: () => waiting.promise,
    close: () => waiting.resolve(null),
  });
  const reading = source.read(new Uint8Array(9));
  source.close();
  assertEquals(await reading, null);
});
