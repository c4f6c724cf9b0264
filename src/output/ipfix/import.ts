/** ulogd's IPFIX plugin as an IPFIX output. */

import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";
import { bracketed } from "../../text/endpoint.ts";
import { MESSAGE_LIMIT_MIN } from "./messages.ts";

/** ulogd's default length of messages. */
const MTU = 512;
/** Bytes of IPv4's and UDP's headers, which ulogd's `mtu` has room for, too. */
const HEADERS = 28;

/** Converts the plugin's settings; its `oid` is the observation domain. */
export function importIpfix(settings: Settings): Output {
  const host = settings.text("host", "collector.example");
  const port = settings.number("port")?.number || 4739;
  const proto = settings.text("proto", "tcp").toLowerCase();
  const domain = settings.number("oid")?.number ?? 0;
  const mtu = settings.number("mtu");
  const send = settings.take("send_template");
  const notes: string[] = [];
  const isUdp = proto === "udp";
  if (!isUdp && proto !== "tcp") {
    notes.push(`proto=${proto}: nfscribe sends over udp, tcp and tls`);
  }
  const entries: Output["entries"] = [
    ["type", "ipfix"],
    ["url", `${isUdp ? "udp" : "tcp"}://${bracketed(host)}:${port}`],
  ];
  if (domain !== 0) entries.push(["observation_domain", domain >>> 0]);
  if (isUdp && mtu !== undefined && mtu.number !== MTU) {
    entries.push(["max_message", Math.max(MESSAGE_LIMIT_MIN, mtu.number - HEADERS)]);
  }
  if (send !== undefined) {
    notes.push(
      `line ${send.line}: send_template=${send.value}: nfscribe sends each template when it is ` +
        "first used and, over udp, again and again (template_seconds, template_messages)",
    );
  }
  notes.push(
    "ulogd adds up both directions in 32 bits; here the reply has its own counters, of 64 bits",
  );
  return { entries, notes: [...notes, ...settings.notes()] };
}
