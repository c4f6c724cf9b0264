/**
 * Measures how long `nfscribe replay` takes for a capture file: as it is, in gzip, in zstd and from
 * a pipe, beside the programs that only decompress it.
 *
 *     deno task bench:replay [--megabytes 200]
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { Random } from "../fuzz/random.ts";
import { deno, hasProgram, must, ROOT, temporaryFolder } from "../system/process.ts";
import { spread } from "./summary.ts";

const ROUNDS = 3;
/** Bytes of a packet: an IPv4 header, a UDP header and random payload. */
const PACKET = 60;

const megabytes = Number(parseArgs(Deno.args, { string: ["megabytes"] }).megabytes ?? 200);
await using folder = await temporaryFolder();
const plain = `${folder.path}/capture.pcap`;
await writeCapture(plain, megabytes * 1e6);
await must(["gzip", "--fast", "--keep", plain]);
if (hasProgram("zstd")) await must(["zstd", "--quiet", plain]);

const replay = deno(
  ...["--allow-ffi", "--allow-read", "--allow-write", "--allow-env"],
  ...["--unstable-worker-options", `${ROOT}main.ts`, "replay"],
);
const out = `${folder.path}/out.pcap`;
const rows: [name: string, command: readonly string[]][] = [
  ["replay FILE", [...replay, plain, "--pcap", out]],
  ["replay FILE.gz", [...replay, `${plain}.gz`, "--pcap", out]],
  ["zcat FILE.gz", ["sh", "-c", `zcat ${plain}.gz >/dev/null`]],
  ["cat FILE | replay -", ["sh", "-c", `cat ${plain} | ${replay.join(" ")} - --pcap ${out}`]],
  ...hasProgram("zstd")
    ? [
      ["replay FILE.zst", [...replay, `${plain}.zst`, "--pcap", out]],
      ["zstdcat FILE.zst", ["sh", "-c", `zstdcat ${plain}.zst >/dev/null`]],
    ] satisfies typeof rows
    : [],
];
console.log(`${megabytes} MB, packets of ${PACKET} bytes; seconds, ${ROUNDS} rounds`);
for (const [name, command] of rows) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await must(command);
    times.push((performance.now() - began) / 1000);
    await Deno.remove(out).catch(() => {});
  }
  const { median, least, most } = spread(times);
  const [middle, shortest, longest] = [median, least, most].map((time) => time.toFixed(2));
  console.log(`${name.padEnd(22)} ${middle} (${shortest} to ${longest})`);
}

/** Writes a capture file of random packets. */
async function writeCapture(path: string, size: number): Promise<void> {
  const random = new Random(1);
  const records = Array.from({ length: 2000 }, () => {
    const packet = random.bytes(PACKET);
    packet.set([0x45, 0, 0, PACKET, 0, 0, 0, 0, 64, 17]);
    return fileRecord(packet);
  });
  using file = await Deno.open(path, { write: true, create: true });
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  };
  const RAW = 101;
  await write(fileHeader({ linkType: RAW }));
  const block = new Uint8Array(await new Blob(records as BlobPart[]).arrayBuffer());
  for (let written = 0; written < size; written += block.length) await write(block);
}
