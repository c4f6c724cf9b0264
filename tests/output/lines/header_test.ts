import { assertEquals } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import type { Dialect, LogOption } from "../../../src/output/lines/options.ts";
import { ipv4, rawPacket, tcp } from "../../packet/sample.ts";

/** Returns a packet's line in a dialect. */
function lineOf(
  payload: Uint8Array<ArrayBuffer>,
  dialect: Dialect,
  logOptions: LogOption[] = [],
): string {
  const encoder = new LogemuEncoder({
    dialect,
    logOptions,
    timeFormat: "syslog",
    hostname: "gate",
  });
  const packet = rawPacket(payload);
  const out = new Uint8Array(4096);
  return new TextDecoder().decode(out.subarray(0, encoder.encode(packet, out, 0)));
}

/** Returns a TCP packet with some bytes set. */
function tcpWith(bytes: Readonly<Record<number, number>>): Uint8Array<ArrayBuffer> {
  const packet = ipv4(6, tcp());
  for (const [at, byte] of Object.entries(bytes)) packet[Number(at)] = byte;
  return packet;
}

/** Returns the texts of the bits that are set, as a line has them. */
function wordsOf(names: Readonly<Record<string, number>>, bits: number): string {
  return Object.entries(names).filter(([, bit]) => bits & bit).map(([name]) => `${name} `).join("");
}

const FLAGS = { URG: 0x20, ACK: 0x10, PSH: 0x08, RST: 0x04, SYN: 0x02, FIN: 0x01 };

/** Returns part of a line, which must have it. */
function part(line: string, pattern: RegExp): string {
  const [, found] = line.match(pattern) ?? [];
  assertEquals(typeof found, "string", `${pattern} is not in ${line}`);
  return found!;
}

Deno.test("Lines of ulogd name the TCP flags, and an urgent pointer only where its flag is set", () => {
  for (const dialect of ["ulogd2", "ulogd1"] as const) {
    for (let flags = 0; flags < 256; flags++) {
      const line = lineOf(tcpWith({ 33: flags, 38: 0x12, 39: 0x34 }), dialect);
      const urgent = flags & FLAGS.URG ? 0x1234 : 0;
      assertEquals(
        part(line, /( WINDOW=.*URGP=\d+ )/),
        ` WINDOW=65000 ${wordsOf(FLAGS, flags)}URGP=${urgent} `,
      );
    }
  }
});

Deno.test("Lines of the kernel name nine TCP flags, and reserved bits as a number", () => {
  const names = { CWR: 0x80, ECE: 0x40, ...FLAGS };
  for (let flags = 0; flags < 512; flags++) {
    const reserved = flags % 8;
    const upper = 0x50 | reserved << 1 | flags >> 8;
    const packet = tcpWith({ 32: upper, 33: flags & 0xff, 38: 0x12, 39: 0x34 });
    const start = `SPT=40000 DPT=443 `;
    const end = `WINDOW=65000 RES=0x${(reserved << 3).toString(16).padStart(2, "0")} ${
      flags >> 8 ? "AE " : ""
    }${wordsOf(names, flags)}URGP=4660 `;
    assertEquals(part(lineOf(packet, "kernel"), /(SPT=.*URGP=\d+ )/), start + end);
    assertEquals(
      part(lineOf(packet, "kernel", ["tcp-sequence"]), /(SPT=.*URGP=\d+ )/),
      `${start}SEQ=2309737967 ACK=1985229328 ${end}`,
    );
  }
});

Deno.test("Lines name type of service and precedence in hexadecimal", () => {
  const two = (bits: number) => bits.toString(16).toUpperCase().padStart(2, "0");
  for (const [dialect, before] of [["ulogd2", ""], ["ulogd1", ""], ["kernel", "0x"]] as const) {
    for (let tos = 0; tos < 256; tos++) {
      assertEquals(
        part(lineOf(tcpWith({ 1: tos }), dialect), /(TOS=.*) TTL=/),
        `TOS=${before}${two(tos & 0x1e)} PREC=0x${two(tos & 0xe0)}`,
      );
    }
  }
});

Deno.test("Lines name the flags of IPv4, ulogd 1 the highest one by the identification", () => {
  for (const dialect of ["ulogd2", "ulogd1", "kernel"] as const) {
    for (let bits = 0; bits < 16; bits++) {
      const [id, fragment] = [bits & 8 ? 0x80 : 0, bits % 8 << 5];
      const line = lineOf(tcpWith({ 4: id, 5: 1, 6: fragment }), dialect);
      const isCe = dialect === "ulogd1" ? id : fragment & 0x80;
      const flags = wordsOf({ DF: 0x40, MF: 0x20 }, fragment);
      assertEquals(
        part(line, /( ID=.*)PROTO=/),
        ` ID=${id * 256 + 1} ${isCe ? "CE " : ""}${flags}`,
      );
    }
  }
});
