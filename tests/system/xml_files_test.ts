/**
 * Files of the XML output: each is a whole document whenever it is closed.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { OutputError } from "../../src/errors.ts";
import { XmlEncoder, xmlEncoders } from "../../src/output/xml/encoder.ts";
import { headerOf, trailerOf } from "../../src/output/xml/document.ts";
import xml from "../../src/output/xml/output.ts";
import type { Writer } from "../../src/output/output.ts";
import { LEFT_OUT } from "../../src/record/encoder.ts";
import { numberedFlow } from "../conformance/flows.ts";
import { numbered } from "../conformance/packets.ts";
import { deno, hasProgram, must, ROOT, temporaryFolder } from "./process.ts";

const [HEADER, TRAILER] = [headerOf("packets"), trailerOf("packets")] as const;

/** Opens an output with these options and those that have defaults. */
async function open(
  path: string,
  options: Record<string, unknown> = {},
  said: string[] = [],
): Promise<Writer> {
  const log = { info: () => {}, warn: (message: string) => void said.push(message) };
  return await xml.open({ path, sync: true, compress: "none", ...options }, log);
}

function element(number: number): Uint8Array {
  const out = new Uint8Array(4096);
  return out.slice(0, new XmlEncoder().encode(numbered(number), out, 0));
}

/** Returns the source ports of the packets in a document. */
function portsOf(document: string): number[] {
  assert(document.startsWith(HEADER) && document.endsWith(TRAILER), document);
  const body = document.slice(HEADER.length, -TRAILER.length);
  return body.split("\n").slice(0, -1).map((line) => {
    const [, payload] = /^<log>.*<payload>([0-9a-f]+)<\/payload><\/log>$/.exec(line)!;
    return Number.parseInt(payload!.slice(40, 44), 16);
  });
}

Deno.test("an XML file is a document after each run, and one that is empty, too", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/out.xml`;
  await (await open(path)).close();
  assertEquals(Deno.readTextFileSync(path), HEADER + TRAILER);
  for (const run of [1, 2, 3]) {
    const said: string[] = [];
    const writer = await open(path, {}, said);
    await writer.write(element(run), 1);
    await writer.close();
    assertEquals(portsOf(Deno.readTextFileSync(path)), [1, 2, 3].slice(0, run));
    assertEquals(said, []);
  }
  if (hasProgram("xmllint")) await must(["xmllint", "--noout", path]);
});

Deno.test("an XML file that a crash left without its end is gone on with", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/out.xml`;
  for (const torn of ["", "<lo", "</packe"]) {
    const before = new TextDecoder().decode(element(1));
    Deno.writeTextFileSync(path, HEADER + before + torn);
    const said: string[] = [];
    const writer = await open(path, {}, said);
    await writer.write(element(2), 1);
    await writer.close();
    assertEquals(portsOf(Deno.readTextFileSync(path)), [1, 2]);
    const cut = `${path}: the last ${torn.length} bytes were not a whole record and were cut off`;
    assertEquals(said, torn === "" ? [] : [cut]);
  }
});

Deno.test("rotated XML files are documents, packed and with a time in their names, too", async () => {
  for (const compress of ["none", "gzip"]) {
    for (const name of ["out.xml", "ulogd-pkt-{time}.xml"]) {
      await using folder = await temporaryFolder();
      const writer = await open(`${folder.path}/${name}`, { rotateSize: 4096, compress });
      for (let number = 0; number < 100; number++) await writer.write(element(number), 1);
      const files = () => [...Deno.readDirSync(folder.path)].map((entry) => entry.name).sort();
      if (compress === "gzip") {
        while (files().filter((file) => file.endsWith(".gz")).length < files().length - 1) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
      await writer.close();
      const ports = files().flatMap((file) => {
        const bytes = Deno.readFileSync(`${folder.path}/${file}`);
        const plain = file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
        return portsOf(new TextDecoder().decode(plain));
      });
      assert(files().length > 3, files().join());
      assertEquals(ports.sort((a, b) => a - b), Array.from({ length: 100 }, (_, n) => n));
    }
  }
});

Deno.test("an XML file with its time in its name is removed if it has no packet", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/ulogd-pkt-{time}.xml`;
  await (await open(path)).close();
  assertEquals([...Deno.readDirSync(folder.path)], []);
  // One that a killed run left, with and without its end, is removed with the first packet.
  Deno.writeTextFileSync(`${folder.path}/ulogd-pkt-20260101T000000Z.xml`, HEADER);
  Deno.writeTextFileSync(`${folder.path}/ulogd-pkt-20260102T000000Z.xml`, HEADER + TRAILER);
  const writer = await open(path);
  await writer.write(element(1), 1);
  await writer.close();
  const [file, ...others] = [...Deno.readDirSync(folder.path)];
  assertEquals(others, []);
  assertEquals(portsOf(Deno.readTextFileSync(`${folder.path}/${file!.name}`)), [1]);
});

Deno.test("an XML file that was moved away gets its end, and another one begins", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/out.xml`;
  const writer = await open(path);
  await writer.write(element(1), 1);
  Deno.renameSync(path, `${path}.1`);
  await writer.reopen!();
  assertEquals(portsOf(Deno.readTextFileSync(`${path}.1`)), [1]);
  await writer.write(element(2), 1);
  await writer.close();
  assertEquals(portsOf(Deno.readTextFileSync(path)), [2]);
});

Deno.test("another file is not taken for an XML file of packets, and stays as it was", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/out.xml`;
  for (const text of ["<html/>\n", '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n']) {
    Deno.writeTextFileSync(path, text);
    await assertRejects(
      () => open(path),
      OutputError,
      `Cannot open ${path}: it is no XML file of packets; choose another file`,
    );
    assertEquals(Deno.readTextFileSync(path), text);
  }
});

Deno.test("an XML file whose end finds no room says so, and is closed by the next run", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/out.xml`;
  const limit = 4096;
  const program = deno(
    ...["--allow-read", "--allow-write", "--allow-sys=uid"],
    ...[`${ROOT}tests/system/xml_writing.ts`, path, `${limit}`],
  );
  const shell = ["sh", "-c", `trap '' XFSZ; exec prlimit --fsize=${limit} "$@"`, "sh"];
  const warned = await must([...shell, ...program]);
  assertStringIncludes(warned, `Cannot write the end of ${path}: `);
  assertStringIncludes(warned, "; the document in it is not closed\n");
  assertEquals(Deno.statSync(path).size, limit - 1);
  const said: string[] = [];
  await (await open(path, {}, said)).close();
  assert(Deno.readTextFileSync(path).endsWith(`x\n${TRAILER}`));
  assertEquals(said, []);
});

Deno.test("an XML file of flows is a document of its own kind", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/flows.xml`;
  const [header, trailer] = [headerOf("flows"), trailerOf("flows")];
  const lines = new Uint8Array(8192);
  const encoder = xmlEncoders.flow!({ records: "flows" });
  for (const number of [1, 2]) {
    const writer = await open(path, { records: "flows" });
    const length = encoder.encode(numberedFlow(number), lines, 0);
    await writer.write(lines.slice(0, length), 1);
    await writer.close();
  }
  const document = Deno.readTextFileSync(path);
  assert(document.startsWith(`${header}<flow>`) && document.endsWith(`</flow>\n${trailer}`));
  const ports = [...document.matchAll(/"original">.*?<sport>(\d)<.*?<\/flow>\n/g)];
  assertEquals(ports.map(([, port]) => port), ["1", "2"]);
  if (hasProgram("xmllint")) await must(["xmllint", "--noout", path]);
  await assertRejects(() => open(path), OutputError, "it is no XML file of packets");
  const packets = xmlEncoders.packet!({ records: "flows" });
  assertEquals(packets.encode(numbered(1), lines, 0), LEFT_OUT);
});
