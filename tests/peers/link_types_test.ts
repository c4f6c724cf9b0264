import { assertEquals } from "@std/assert";
import { packetsFrom } from "nfscribe/testing";
import { concat, hex, ipv4, ipv6, tcp, udp } from "../packet/sample.ts";
import { LINK_FRAMES, type LinkFrame } from "../source/pcap/frames.ts";
import { decodeRecord, fileHeader, type FileOptions, fileRecord } from "../source/pcap/sample.ts";
import { hasProgram, must } from "../system/process.ts";

const HAS_TSHARK = hasProgram("tshark");
const HAS_TCPDUMP = hasProgram("tcpdump");

/** The family in either byte order, whatever the file's. */
const LOOPBACK: readonly LinkFrame[] = [0, 108].flatMap((linkType) =>
  ["02000000", "00000002", "1e000000", "0000001e"].map((family) => ({
    name: `loopback ${linkType}, ${family}`,
    linkType,
    data: concat(hex(family), family.includes("2") ? ipv4(17, udp()) : ipv6(6, tcp())),
  }))
);
/** Neither tcpdump 4.99 nor tshark 4.0 reads MPLS without Ethernet. */
const isReadByTcpdump = ({ linkType }: LinkFrame) => linkType !== 219;
/** tshark 4.0 takes the family of link type LOOP for one in network order. */
const isReadByTshark = (frame: LinkFrame) =>
  isReadByTcpdump(frame) && (frame.linkType !== 108 || frame.data[0] === 0);

async function withFile<T>(
  { linkType, data }: LinkFrame,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(path, concat(fileHeader({ linkType }), fileRecord(data)));
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test({
  name: "tshark finds the same in frames of every line as nfscribe" +
    (HAS_TSHARK ? "" : " (needs tshark)"),
  ignore: !HAS_TSHARK,
  async fn() {
    const names = ["ip.dst", "ipv6.dst", "udp.dstport", "tcp.dstport"];
    for (const frame of [...LINK_FRAMES, ...LOOPBACK].filter(isReadByTshark)) {
      const fields = names.flatMap((name) => ["-e", name]);
      const text = await withFile(
        frame,
        (path) => must(["tshark", "-r", path, "-T", "fields", ...fields]),
      );
      const { ip, destination, destinationPort } = decodeRecord(frame.linkType, frame.data);
      const ours = ip === undefined ? "" : `${destination} ${destinationPort}`;
      assertEquals(text.trim().replaceAll(/\s+/g, " "), ours, frame.name);
    }
  },
});

Deno.test({
  name: "tcpdump finds the same in frames of every line as nfscribe" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  async fn() {
    for (const frame of [...LINK_FRAMES, ...LOOPBACK].filter(isReadByTcpdump)) {
      const text = await withFile(frame, (path) => must(["tcpdump", "-nr", path]));
      const { ip, destination, destinationPort } = decodeRecord(frame.linkType, frame.data);
      const wanted = ip === undefined ? " > " : ` > ${destination}.${destinationPort}: `;
      assertEquals(text.includes(wanted), ip !== undefined, `${frame.name}: ${text}`);
    }
  },
});

Deno.test({
  name: "tcpdump reads old versions of the pcap format, as nfscribe does" +
    (HAS_TCPDUMP ? "" : " (needs tcpdump)"),
  ignore: !HAS_TCPDUMP,
  async fn() {
    const data = ipv4(17, udp(), { totalLength: 100 });
    const files: [options: FileOptions, swapped: boolean, extra: Uint8Array][] = [
      [{ version: [2, 0] }, true, hex("")],
      [{ version: [2, 2] }, true, hex("")],
      [{ version: [2, 3] }, true, hex("")],
      [{ version: [2, 3] }, false, hex("")],
      [{ version: [543, 0] }, true, hex("")],
      [{ magic: 0xa1b2cd34 }, false, hex("07000000 0008 00 00")],
    ];
    const path = await Deno.makeTempFile({ suffix: ".pcap" });
    for (const [options, swapped, extra] of files) {
      const [captured, original] = swapped ? [100, data.length] : [data.length, 100];
      const record = concat(fileRecord(hex(""), { captured, original }), extra, data);
      await Deno.writeFile(path, concat(fileHeader(options), record, record));
      const lines = (await must(["tcpdump", "-nr", path])).trim().split("\n");
      const packets = await Array.fromAsync(packetsFrom(path));
      assertEquals(packets.length, lines.length);
      assertEquals(packets.map(({ payload }) => payload), [data, data]);
    }
    await Deno.remove(path);
  },
});
