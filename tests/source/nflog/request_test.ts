import { assertEquals } from "@std/assert";
import { readAttributes } from "../../../src/netlink/attribute.ts";
import { readMessages } from "../../../src/netlink/message.ts";
import type { NflogOptions } from "../../../src/source/nflog/options.ts";
import { bindRequest, probeRequest, unbindRequest } from "../../../src/source/nflog/request.ts";
import { hex } from "../../packet/sample.ts";

const OPTIONS: NflogOptions = {
  group: 258,
  copyRange: 100,
  bufferSize: 8_388_608,
  queueThreshold: 512,
  queueTimeoutMs: 250,
};

/** Returns the value of one configuration attribute. */
function attributeOf(request: Uint8Array, type: number): string | undefined {
  const payload = [...readMessages(request)][0]!.payload;
  return [...readAttributes(payload.subarray(4))].find((one) => one.type === type)?.value.toHex();
}

Deno.test("bindRequest() sets everything in the one message that binds", () => {
  assertEquals(
    bindRequest(OPTIONS, 7),
    hex(`
      48000000             # nlmsg_len: 72
      0104                 # nlmsg_type: NFNL_SUBSYS_ULOG 4, NFULNL_MSG_CONFIG 1
      0500                 # nlmsg_flags: NLM_F_REQUEST 1 | NLM_F_ACK 4
      07000000             # nlmsg_seq
      00000000             # nlmsg_pid: left to the kernel
      00                   # nfgen_family: AF_UNSPEC
      00                   # version: NFNETLINK_V0
      0102                 # res_id: group 258, network order
      0500 0100            # NFULA_CFG_CMD
        01 000000          #   NFULNL_CFG_CMD_BIND, padding
      0a00 0200            # NFULA_CFG_MODE
        00000064 02 00     #   copy_range 100, NFULNL_COPY_PACKET, _pad
        0000               #   padding
      0800 0300 00020000   # NFULA_CFG_NLBUFSIZ: 131072
      0800 0400 00000019   # NFULA_CFG_TIMEOUT: 25, in units of 10 ms
      0800 0500 00000200   # NFULA_CFG_QTHRESH: 512
      0600 0600            # NFULA_CFG_FLAGS
        0003 0000          #   NFULNL_CFG_F_SEQ 1 | NFULNL_CFG_F_SEQ_GLOBAL 2, padding`),
  );
});

Deno.test("bindRequest() requests the largest copy range to keep whole packets", () => {
  const modeOf = (copyRange: number) => attributeOf(bindRequest({ ...OPTIONS, copyRange }, 1), 2);
  assertEquals(modeOf(0), "0000fffb" + "0200"); // 65531
  assertEquals(modeOf(1), "00000001" + "0200");
  assertEquals(modeOf(65531), "0000fffb" + "0200");
});

Deno.test("bindRequest() takes the extremes of every option", () => {
  const least = { ...OPTIONS, group: 0, queueThreshold: 1, queueTimeoutMs: 0 };
  const most = { ...OPTIONS, group: 65535, queueThreshold: 0xffffffff, queueTimeoutMs: 3_600_000 };
  assertEquals(bindRequest(least, 1).subarray(16, 20), hex("00 00 0000"));
  assertEquals(bindRequest(most, 1).subarray(16, 20), hex("00 00 ffff"));
  assertEquals([least, most].map((options) => attributeOf(bindRequest(options, 1), 4)), [
    "00000000",
    "00057e40",
  ]);
  assertEquals([least, most].map((options) => attributeOf(bindRequest(options, 1), 5)), [
    "00000001",
    "ffffffff",
  ]);
});

Deno.test("unbindRequest() only unbinds the group", () => {
  assertEquals(
    unbindRequest(258, 8),
    hex(`
      1c000000 0104 0500 08000000 00000000   # 28 bytes, CONFIG, REQUEST | ACK, 8
      00 00 0102                             # AF_UNSPEC, version, group 258
      0500 0100 02 000000                    # NFULA_CFG_CMD: NFULNL_CFG_CMD_UNBIND`),
  );
});

Deno.test("probeRequest() only requests an answer", () => {
  assertEquals(
    probeRequest(258, 9),
    hex(`
      14000000 0104 0500 09000000 00000000   # 20 bytes, CONFIG, REQUEST | ACK, 9
      00 00 0102                             # AF_UNSPEC, version, group 258`),
  );
});

Deno.test("No request is a PF_BIND or PF_UNBIND, which would change other programs' logging", () => {
  const commands = [bindRequest(OPTIONS, 1), unbindRequest(1, 2), probeRequest(1, 3)].map((
    request,
  ) => attributeOf(request, 1));
  assertEquals(commands, ["01", "02", undefined]); // PF_BIND is 3, PF_UNBIND 4
});
