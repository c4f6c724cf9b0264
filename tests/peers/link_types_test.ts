import { assertEquals } from "@std/assert";
import { concat, hex, ipv4, ipv6, tcp, udp } from "../packet/sample.ts";
import { LINK_FRAMES, type LinkFrame } from "../source/pcap/frames.ts";
import { decodeRecord, fileHeader, fileRecord } from "../source/pcap/sample.ts";
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
