import { assertEquals, assertMatch } from "@std/assert";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { startProgram } from "../kernel/nfscribe.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { HAS_JOURNALD, Journald } from "./journald.ts";

const NEEDS = HAS_NFT && HAS_JOURNALD ? "" : " (needs nft, systemd-journald and a mount namespace)";
const GROUP = 61;
/** Ports of packets that are dropped, accepted, and logged with a hostile prefix. */
const [DROPPED, ACCEPTED, HOSTILE] = [4001, 4002, 4003];
const MANY = 3000;

Deno.test({
  name:
    `journalctl finds packets by their fields, all of them, also after the journal was away${NEEDS}`,
  ignore: NEEDS !== "",
  async fn() {
    await using folder = await temporaryFolder();
    await using journal = await Journald.prepare();
    await journal.start();
    const config = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(config, CONF);
    await using _rules = await nft([[
      "output",
      [
        `udp dport ${DROPPED} log prefix "DROP in " group ${GROUP}`,
        `udp dport ${ACCEPTED} log prefix "ok" group ${GROUP}`,
        `udp dport ${HOSTILE} log prefix "a\nPRIORITY=0\x1b[2J" group ${GROUP}`,
      ].join("\n"),
    ]]);
    const words = [`${ROOT}main.ts`, "run", "-c", config];
    const flags = (await must(deno("--allow-read", ...words, "--flags"))).trim().split("\n");
    await using nfscribe = await startProgram(...journal.inside(...deno(...flags, ...words)));

    sendUdp(1, 72, DROPPED);
    sendUdp(1, 72, ACCEPTED);
    sendUdp(1, 72, HOSTILE);
    await until(
      "three entries",
      async () => (await journal.find("NFSCRIBE_SOURCE=127.0.0.1")).length === 3,
    );
    const [dropped] = await journal.find(`NFSCRIBE_DESTINATION_PORT=${DROPPED}`);
    const { NFSCRIBE_SOURCE_PORT: port, NFSCRIBE_TIME: time, NFSCRIBE_SESSION: session } = dropped!;
    assertMatch(time!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assertMatch(session!, /^[0-9a-f-]{36}$/);
    const fields = Object.entries(dropped!).filter(([name]) => /^[NPS](?!.*_[UG]ID$)/.test(name));
    assertEquals(Object.fromEntries(fields), {
      PRIORITY: "4",
      SYSLOG_IDENTIFIER: "fw",
      NFSCRIBE_TYPE: "packet",
      NFSCRIBE_TIME: time!,
      NFSCRIBE_CAPTURE: `nflog:${GROUP}`,
      NFSCRIBE_SESSION: session!,
      NFSCRIBE_SEQ: "0",
      NFSCRIBE_PREFIX: "DROP in ",
      NFSCRIBE_ACTION: "drop",
      NFSCRIBE_HOOK: "output",
      NFSCRIBE_OUT: "lo",
      NFSCRIBE_SOURCE: "127.0.0.1",
      NFSCRIBE_SOURCE_PORT: port!,
      NFSCRIBE_DESTINATION: "127.0.0.1",
      NFSCRIBE_DESTINATION_PORT: `${DROPPED}`,
      NFSCRIBE_PROTOCOL: "UDP",
      NFSCRIBE_LENGTH: "100",
      NFSCRIBE_ETHER_TYPE: "2048",
    });
    assertEquals(
      dropped!.MESSAGE!.replace(/ ID=\d+/, " ID=…").replace(/UID=\d+ GID=\d+ /, ""),
      "DROP in  IN= OUT=lo MAC= SRC=127.0.0.1 DST=127.0.0.1 LEN=100 TOS=00 PREC=0x00 TTL=64 " +
        `ID=… DF PROTO=UDP SPT=${port} DPT=${DROPPED} LEN=80 MARK=0x0 `,
    );
    const [accepted] = await journal.find("NFSCRIBE_ACTION=accept");
    assertEquals([accepted!.PRIORITY, accepted!.NFSCRIBE_PREFIX], ["6", "ok"]);
    const [hostile] = await journal.find(`NFSCRIBE_DESTINATION_PORT=${HOSTILE}`);
    assertEquals(
      [hostile!.PRIORITY, hostile!.NFSCRIBE_PREFIX],
      ["5", "a\\x0aPRIORITY=0\\x1b[2J"],
    );

    await journal.kill();
    sendUdp(MANY, 72, DROPPED);
    await until("nfscribe notices", () => nfscribe.said.includes("Cannot send to unix:///run"));
    await journal.start();
    await until(
      "all entries",
      async () => (await journal.find("NFSCRIBE_ACTION=drop")).length === MANY + 1,
    );
    const sequence = (await journal.find("NFSCRIBE_TYPE=packet"))
      .map(({ NFSCRIBE_SEQ }) => Number(NFSCRIBE_SEQ));
    assertEquals(sequence, Array.from({ length: MANY + 3 }, (_, seq) => seq));
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals(code, 0);
    assertEquals(counters.outputs.journal!.written, MANY + 3);
  },
});

const CONF = `
[[source]]
type = "nflog"
group = ${GROUP}
[output.journal]
identifier = "fw"
[actions]
"DROP*" = "drop"
"ok" = "accept"
[log]
format = "json"
`;
