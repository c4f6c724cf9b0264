import { assertEquals } from "@std/assert";
import { filterContext, packet } from "nfscribe/testing";
import filter, { stop, tick } from "./user_traffic.ts";

Deno.test("Each minute has a line for each user who sent something, with IP's own lengths", () => {
  const context = filterContext();
  const sent = (uid: number | undefined, data: string) =>
    filter(packet({ udp: {}, data, ...uid !== undefined && { uid } }));
  sent(1000, "a");
  sent(1001, "bb");
  sent(1000, "ccc");
  sent(undefined, "of no socket");
  tick(context);
  tick(context);
  sent(1001, "");
  stop(context);
  assertEquals(context.emitted.map(({ fields }) => fields), [
    { EVENT: "traffic", UID: 1000, PACKETS: 2, BYTES: 60 },
    { EVENT: "traffic", UID: 1001, PACKETS: 1, BYTES: 30 },
    { EVENT: "traffic", UID: 1001, PACKETS: 1, BYTES: 28 },
  ]);
});
