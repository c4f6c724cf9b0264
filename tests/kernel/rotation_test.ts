import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { canRun, must, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { hasRecords, startNfscribeWith } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

/** Whether this is root that can change to any user. */
const HAS_ALL_USERS = canRun("sh", "-c", 'grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map');
const [USER, GROUP] = [64331, 64332];
const RECORDED = ["fw-20200101T000000Z.pcap", "fw-20200102T000000Z.pcap"];
/** Enough files that some are compressed at any moment of a start. */
const MANY = Array.from({ length: 300 }, (_, n) => `fw-20200101T000000Z-${n + 1}.pcap`);

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

/** Writes files of earlier days with packets. */
async function writeRecorded(folder: string, names: readonly string[]): Promise<void> {
  const record = fileRecord(ipv4(17, udp(53, new Uint8Array(900))));
  const bytes = concat(fileHeader(), ...Array.from({ length: 200 }, () => record));
  for (const name of names) await Deno.writeFile(`${folder}/${name}`, bytes);
}

Deno.test(
  "failed starts, and runs in which nothing is logged, lose no recorded packet (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await writeRecorded(path, RECORDED);
    const file = `${path}/nfscribe.toml`;
    const config = `[[source]]
type = "nflog"
group = 981
[output.pcap]
path = "fw-{time}.pcap"
rotate_keep = 2
compress = "gzip"
`;
    const names = [...RECORDED, "nfscribe.toml"];
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    await Deno.writeTextFile(file, `${config}[stats]\nmetrics = "127.0.0.1:${port}"\n`);
    const rights = [`--allow-net=127.0.0.1:${port}`];
    for (let start = 0; start < 3; start++) {
      const error = await startNfscribeWith(rights, "-c", file).catch(String);
      assertStringIncludes(String(error), "ended with status 1");
    }
    assertEquals(namesIn(path), names);
    await Deno.writeTextFile(file, config);
    for (let start = 0; start < 3; start++) {
      await using nfscribe = await startNfscribeWith([], "-c", file);
      assertEquals(namesIn(path).length, names.length + 1);
      nfscribe.kill("SIGTERM");
      assertEquals((await nfscribe.ended()).code, 0);
      assertEquals(namesIn(path), names);
    }
  },
);

Deno.test(
  "compressed files belong to the user that nfscribe changed to, as all others (needs root and nft)",
  { ignore: !HAS_NFT || !HAS_ALL_USERS },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.chmod(path, 0o755);
    await Deno.mkdir(`${path}/out`);
    await writeRecorded(`${path}/out`, MANY);
    for (const name of ["", ...MANY]) await Deno.chown(`${path}/out/${name}`, USER, GROUP);
    // While these are opened with the rights of root, other tasks run.
    const captures = RECORDED.map((name) => `${path}/${name}`);
    await writeRecorded(path, RECORDED);
    const file = `${path}/nfscribe.toml`;
    await Deno.writeTextFile(
      file,
      `user = ${USER}
group = ${GROUP}
[[source]]
type = "pcap"
path = [${captures.map((path) => `"${path}"`)}]
[[source]]
type = "nflog"
groups = [982, ${Array.from({ length: 24 }, (_, n) => 1100 + n)}]
queue_timeout_ms = 100
[output.pcap]
path = "out/fw-{time}.pcap"
compress = "gzip"
`,
    );
    await using _rules = await nft([["output", "udp dport 9 log group 982"]]);
    await using nfscribe = await startNfscribeWith([], "-c", file);
    sendUdp(10);
    await until("they are compressed", () => {
      const packed = namesIn(`${path}/out`).filter((name) => name.endsWith(".gz"));
      return packed.length === MANY.length;
    });
    for (const name of namesIn(`${path}/out`)) {
      const { uid, gid, mode } = await Deno.stat(`${path}/out/${name}`);
      assertEquals([name, uid, gid, mode! & 0o777], [
        name,
        USER,
        GROUP,
        name.endsWith(".gz") ? 0o644 : 0o640,
      ]);
    }
    nfscribe.kill("SIGTERM");
    assertEquals((await nfscribe.ended()).code, 0);
    assertEquals(namesIn(`${path}/out`).length, MANY.length + 1);
  },
);

Deno.test("a capture file that has ended does not wake the loop beside a live source", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await writeRecorded(path, RECORDED);
  const file = `${path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]
type = "pcap"
path = "${RECORDED[0]}"
[[source]]
type = "nflog"
group = 983
[output.pcap]
path = "t.pcap"
`,
  );
  await using nfscribe = await startNfscribeWith([], "-c", file);
  await until("it is read", () => hasRecords(`${path}/t.pcap`, 200));
  const waits = async () => {
    const status = await must(["cat", `/proc/${nfscribe.pid}/status`]);
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
  };
  await until("it has come to rest", async () => {
    const before = await waits();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return await waits() - before < 30;
  });
});
