import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { FRAME_MOST, SEGMENT_SIZE } from "../../src/buffer/segment_format.ts";
import { until } from "../system/process.ts";
import { testOnServer } from "./database.ts";
import { startSender } from "./sender_thread.ts";
import { row } from "./sending.ts";

await testOnServer("The sender at the end of a segment", {
  async "waits for the next one, whose announcement comes late, without occupying its thread"(
    { cluster, name },
  ) {
    await using sender = await startSender(cluster.url(name), { announces: false });
    const { spooler, announced, post } = sender;
    const { numbers } = spooler;
    const bytes = row({ column: "payload", bytes: new Uint8Array(FRAME_MOST - 1000) });
    let rows = 0;
    const append = () => void (spooler.append(bytes, 1), rows++);
    append();
    post({ kind: "segment", segment: announced[0]! });
    while (spooler.used < SEGMENT_SIZE) append();
    await until("the first segment is sent", () => numbers.get("written") === rows, 60_000);
    append();
    assertEquals(announced.length, 2);
    // The sender has a turn in which rows are there, by their number, and their segment is not.
    await delay(500);
    post({ kind: "segment", segment: announced[1]! });
    await until("the row of the second one is sent", () => numbers.waiting === 0);
    await sender.stop();
    assertEquals(sender.said, ["The table packets was made"]);
  },
});
