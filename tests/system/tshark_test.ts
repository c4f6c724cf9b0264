import { assertEquals } from "@std/assert";
import { pcapFile } from "nfscribe";
import { decodeOne, everyAttribute, logged } from "../source/nflog/sample.ts";
import { hasProgram, must, temporaryFolder } from "./process.ts";

/** What tshark shows of a file's only packet, by field. */
async function fieldsOf(path: string, fields: readonly string[]): Promise<string[]> {
  const wanted = fields.flatMap((field) => ["-e", field]);
  return (await must(["tshark", "-n", "-r", path, "-T", "fields", ...wanted])).trimEnd().split(
    "\t",
  );
}

const FIELDS = [
  "nflog.family",
  "nflog.res_id",
  "nflog.hook",
  "nflog.prefix",
  "nflog.uid",
  "nflog.gid",
  "nflog.ifindex_indev",
  "udp.dstport",
];

for (const format of ["pcap", "pcapng"] as const) {
  Deno.test({
    name: `tshark shows all that NFLOG tells in a ${format} file of ours (needs tshark)`,
    ignore: !hasProgram("tshark"),
    async fn() {
      await using folder = await temporaryFolder();
      const path = `${folder.path}/nflog.${format}`;
      const packet = decodeOne(logged(everyAttribute()));
      {
        await using file = await pcapFile(path, { format, linkType: "nflog" });
        assertEquals(await file.write(packet), true);
      }
      const { hook, prefix, uid, gid, inDev, destinationPort } = packet;
      const told = [packet.family, 1, hook, prefix, uid, gid, inDev?.index, destinationPort];
      assertEquals(await fieldsOf(path, FIELDS), told.map(String));
    },
  });
}
