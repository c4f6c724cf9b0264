import { assertEquals } from "@std/assert";
import { packet, packetsFrom } from "nfscribe/testing";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { run } from "./process.ts";

/** Returns packets to ports 0, 1, … */
const records = (count: number) =>
  Array.from({ length: count }, (_, port) => fileRecord(ipv4(17, udp(port))));

Deno.test("The packets of a file come in order and may be kept", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/a file.pcap`;
  await Deno.writeFile(file, concat(fileHeader(), ...records(10_000)));
  for (const name of [file, new URL(`file://${file}`)]) {
    const packets = await Array.fromAsync(packetsFrom(name));
    assertEquals(packets.length, 10_000);
    packets.forEach((packet, port) => assertEquals(packet.destinationPort, port));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("A loop may be left, which closes the file", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, concat(fileHeader(), ...records(3)));
  for await (const packet of packetsFrom(file)) {
    assertEquals(packet.destinationPort, 0);
    break;
  }
  await Deno.remove(file);
});

Deno.test("Damage in a file is reported after the packets before it", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, concat(fileHeader(), ...records(2), new Uint8Array(3)));
  const warnings: string[] = [];
  const packets = packetsFrom(file, { onWarning: (message) => warnings.push(message) });
  assertEquals((await Array.fromAsync(packets)).length, 2);
  assertEquals(warnings.length, 1);
  await Deno.remove(file);
});

Deno.test("Reading a file takes the right to read that file and no other", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, concat(fileHeader(), ...records(2)));
  const script = `import { packet, packetsFrom } from "nfscribe/testing";
    console.log((await Array.fromAsync(packetsFrom(Deno.args[0]))).length);`;
  const program = await Deno.makeTempFile({ dir: "tests/system", suffix: ".ts" });
  await Deno.writeTextFile(program, script);
  const command = ["deno", "run", "--no-prompt", `--allow-read=${file}`, program, file];
  const { code, stdout } = await run(command);
  assertEquals([code, stdout], [0, "2\n"]);
  await Deno.remove(program);
  await Deno.remove(file);
});

Deno.test("tcpdump finds every checksum of a packet made by hand correct", async () => {
  const made = [4, 6].flatMap((version) => {
    const source = version === 4 ? "198.51.100.255" : "2001:db8:ffff::ff";
    const icmp = version === 4 ? { icmp: {} } : { icmpv6: {} };
    return [{}, { udp: { destinationPort: 9 } }, icmp].flatMap((fields) =>
      ["", "odd", "even"].map((data) => packet({ source, ...fields, data }))
    );
  });
  const file = await Deno.makeTempFile();
  await Deno.writeFile(
    file,
    concat(fileHeader(), ...made.map(({ payload }) => fileRecord(payload!))),
  );
  const { stdout } = await run(["tcpdump", "-nvvr", file]);
  assertEquals(stdout.match(/bad|incorrect|wrong/g), null);
  assertEquals(stdout.match(/cksum 0x\w+ \(correct\)|udp sum ok|icmp6 sum ok/g)?.length, 15);
  await Deno.remove(file);
});
