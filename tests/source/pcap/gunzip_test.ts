import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ByteSource } from "../../../src/source/pcap/byte_source.ts";
import { GunzipSource } from "../../../src/source/pcap/gunzip.ts";
import { PackedDamage } from "../../../src/source/pcap/packed.ts";
import { packed, PackedBytes, unpackAll } from "./packed.ts";

const REGULAR = { isUnpacked: false, mayWait: false };
const TEXT = new TextEncoder().encode("packets ".repeat(10_000));

Deno.test("gzip data is decompressed, in one piece or in several", async () => {
  const [half, rest] = [TEXT.slice(0, 30_000), TEXT.slice(30_000)];
  const several = [...await packed(half), ...await packed(rest)];
  for (const bytes of [await packed(TEXT), Uint8Array.from(several)]) {
    const { unpacked, damage } = await unpackAll(new PackedBytes(bytes, () => 7));
    assertEquals([unpacked, damage], [TEXT, undefined]);
  }
});

Deno.test("Zeros behind what gzip packed are passed over, as gzip does", async () => {
  for (const zeros of [1, 512, 100_000]) {
    const bytes = Uint8Array.from([...await packed(TEXT), ...new Uint8Array(zeros)]);
    for (const piece of [7, 65_536]) {
      const { unpacked, damage } = await unpackAll(new PackedBytes(bytes, () => piece));
      assertEquals([unpacked, damage], [TEXT, undefined]);
    }
  }
});

Deno.test("Of what was damaged or cut, all before the damage comes", async () => {
  const bytes = await packed(TEXT);
  for (const damaged of [bytes.slice(0, -9), bytes.with(bytes.length - 5, 0x55)]) {
    const { unpacked, damage } = await unpackAll(new PackedBytes(damaged));
    assert(damage !== undefined && damage.includes("invalid gzip data"));
    assertEquals(unpacked, TEXT.subarray(0, unpacked.length));
    assert(unpacked.length > 70_000);
  }
});

Deno.test("That the packed bytes cannot be read is no damage", async () => {
  const failing: ByteSource = {
    ...REGULAR,
    read: () => Promise.reject(new Deno.errors.Interrupted("no more")),
    close() {},
  };
  const source = await GunzipSource.over(failing);
  const error = await assertRejects(() => source.read(new Uint8Array(9)), Error, "no more");
  assert(!(error instanceof PackedDamage));
});

Deno.test("A little that unpacks to a lot is unpacked as it is taken", async () => {
  const bytes = await packed(new Uint8Array(64 * 1024 * 1024));
  const packedBytes = new PackedBytes(bytes, () => 1024);
  const source = await GunzipSource.over(packedBytes);
  const buffer = new Uint8Array(65_536);
  for (let taken = 0; taken < 1024 * 1024;) taken += (await source.read(buffer))!;
  // 1 KiB expands to 1 MiB; streams in between buffer some of each.
  assert(packedBytes.taken < 64 * 1024, `${packedBytes.taken}`);
  source.close();
});

Deno.test("A source that is closed while it is read gives no more", async () => {
  const waiting = Promise.withResolvers<null>();
  const source = await GunzipSource.over({
    ...REGULAR,
    read: () => waiting.promise,
    close: () => waiting.resolve(null),
  });
  const reading = source.read(new Uint8Array(9));
  source.close();
  assertEquals(await reading, null);
});

Deno.test("Wherever a bit is wrong, no more than a few bytes before it are lost", async () => {
  const data = crypto.getRandomValues(new Uint8Array(40_000)).map((byte) => byte & 0x3f);
  const bytes = await packed(data);
  for (let at = 100; at < bytes.length; at += 1999) {
    const { unpacked } = await unpackAll(new PackedBytes(bytes.with(at, bytes[at]! ^ 0x10)));
    const same = unpacked.findIndex((byte, index) => byte !== data[index]);
    const sound = same < 0 ? unpacked.length : same;
    const expected = data.length * at / bytes.length;
    assert(sound > expected * 0.98 - 600, `byte ${at}: ${sound} of ${expected}`);
  }
});
