import { assertEquals, assertMatch } from "@std/assert";
import { FromSandbox, MESSAGE_MAX, messageBytes } from "../../src/sandbox/messages.ts";
import { environmentVariable } from "../../ffi/environment.ts";
import { entriesOf } from "../../ffi/files.ts";
import { linkTarget } from "../../ffi/links.ts";
import { Random } from "../fuzz/random.ts";
import { canRun, until } from "../system/process.ts";
import { ringOf, sandboxOf, socketOf } from "./intruder.ts";
import { type HostileCase, type HostileRun, printFigures, runHostile } from "./run.ts";

const HAS_NFT = canRun("nft", "list", "ruleset");
const FIRST_GROUP = 4000;

const PASSES = {
  files: { "filter.js": 'export default () => "pcap";\n' },
  script: "filter.js",
  flowMs: 500,
} as const;

const EVIL = '\x1b[2J\u202e\x9b\n{"time":"x","level":"info","message":"stopped"}';
const LONG = "\u202e".repeat(5000);
const { FILE, SEALED, READY, REFUSED, LOG, FAULT, SUPPRESSED, LINES } = FromSandbox;
const { UNFIT, UNKNOWN_OUTPUT } = FromSandbox;
const NOTHING = new Uint8Array(0);

/** Messages of a compromised sandbox, by their effect. */
const MESSAGES: Readonly<Record<string, readonly Uint8Array<ArrayBuffer>[]>> = {
  "asks for a file after its seal": [messageBytes(FILE, [], ["text", "../secret.txt"])],
  "asks for a file without a name": [messageBytes(FILE, [], ["text"])],
  "is sealed again": [messageBytes(SEALED)],
  "is ready again": [messageBytes(READY, [1, 1])],
  "is ready with ticks of a millisecond": [messageBytes(READY, [1])],
  "refuses its script while it works": [messageBytes(REFUSED, [], ["/etc/passwd", EVIL])],
  "logs nothing": [messageBytes(LOG)],
  "logs characters that steer a terminal": many(
    30,
    messageBytes(LOG, [], [EVIL, EVIL, EVIL, "level", "x"]),
  ),
  "logs fields without values": many(30, messageBytes(LOG, [], ["x", "y", "z", "counters"])),
  "logs 250 fields": many(30, messageBytes(LOG, [], Array(250).fill(EVIL))),
  "logs 1,500 long messages": many(1500, messageBytes(LOG, [], [LONG, LONG, LONG])),
  "logs 20,000 messages": many(20_000, messageBytes(LOG, [], ["x"])),
  "names 1,500 outputs that are not there": many(
    1500,
    messageBytes(UNKNOWN_OUTPUT, [], [EVIL + LONG, EVIL]),
  ),
  "names no output": [messageBytes(UNKNOWN_OUTPUT)],
  "tells of outputs that hold no packet, and of more than there are": [0, 1, 2 ** 32 - 1].map(
    (output) => messageBytes(UNFIT, [output, 2 ** 32 - 1]),
  ),
  "tells of no output that holds no packet": [messageBytes(UNFIT)],
  "fails 1,500 times": many(1500, messageBytes(FAULT, [], [EVIL + LONG])),
  "fails by nothing": [messageBytes(FAULT)],
  "leaves out more messages than there are": many(100, messageBytes(SUPPRESSED, [2 ** 32 - 1])),
  "leaves out messages without a number": [messageBytes(SUPPRESSED)],
  "asks for slots 1,900 times": many(1900, messageBytes(LINES)),
  "sends a type that has no meaning": [messageBytes(0)],
  "sends a type that has no meaning yet": [messageBytes(11, [1, 2], ["x"])],
  "sends type 255": [messageBytes(255)],
  "sends one byte more than it may": [new Uint8Array(MESSAGE_MAX + 1).fill(LOG)],
  "sends 200,000 bytes": [new Uint8Array(200_000).fill(LOG)],
  "sends no bytes": [NOTHING],
  "sends one byte": [new Uint8Array([LOG])],
  "sends fewer numbers than it says": [new Uint8Array([LOG, 255, 0, 0])],
  "sends a text that is cut": [new Uint8Array([LOG, 0, 255, 255, 120])],
  "sends more texts than it may": [new Uint8Array([LOG, 0, ...new Array(2 * 300).fill(0)])],
  "sends bytes that are no UTF-8": many(30, new Uint8Array([LOG, 0, 4, 0, 0xff, 0xc0, 0x80, 0xed])),
};

function many(count: number, message: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  return Array(count).fill(message);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends messages in place of the sandbox, while there is room and the sandbox runs. */
async function forge(
  { pid }: HostileRun,
  messages: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  using socket = socketOf(await sandboxOf(pid));
  if (socket === undefined) return;
  for (const message of messages) {
    let tries = 0;
    while (!socket.send(message)) {
      // There is no room, or nfscribe has closed its end.
      if (++tries > 20) return;
      await pause(1);
    }
  }
}

for (const [index, [name, messages]] of Object.entries(MESSAGES).entries()) {
  Deno.test(`a compromised sandbox ${name} (needs nft and root)`, {
    ignore: !HAS_NFT,
  }, async () => {
    const hostile: HostileCase = {
      ...PASSES,
      title: name,
      async act(run) {
        await pause(100);
        await forge(run, messages);
      },
    };
    printFigures(hostile, await runHostile(hostile, FIRST_GROUP + index));
  });
}

/** Numbers to overwrite counts, lengths and positions with. */
const NUMBERS = [-1, 0, 1, 2, 3, 64, 65, 4096, 131_073, 524_289, 2 ** 31 - 1, -(2 ** 31)];
/** First word after the header's page, and words of a slot. */
const SLOTS_AT = 1024;
const SLOT_WORDS = 850;
const ROUNDS = 8;
/** Reasons for which the parent replaces a sandbox that wrote them. */
const NOTICED = /impossible numbers|longer than timeout_ms|a message that cannot be/;
/** Numbers of a former run, to repeat it. */
const SEED = Number(
  environmentVariable("HOSTILE_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0],
);

Deno.test("a compromised sandbox writes any number anywhere (needs nft and root)", {
  ignore: !HAS_NFT,
}, async () => {
  const random = new Random(SEED);
  const hostile: HostileCase = {
    ...PASSES,
    title: "writes any number anywhere",
    config: "timeout_ms = 150",
    flowMs: 60_000,
    endsWithAct: true,
    forges: true,
    async act(run) {
      const { pid, folder } = run;
      using ring = ringOf(pid);
      // On a busy machine the first rounds may meet no slot that is in use.
      const mostMs = performance.now() + 40_000;
      for (
        let round = 0;
        round < ROUNDS || (!NOTICED.test(run.log) && performance.now() < mostMs);
        round++
      ) {
        const untilMs = performance.now() + 50;
        while (performance.now() < untilMs) {
          const isHeader = round % ROUNDS === ROUNDS - 1;
          const at = isHeader ? random.below(40) : SLOTS_AT + random.below(SLOT_WORDS);
          ring.words[at] = random.pick(NUMBERS);
          // nfscribe works in between, while only some of the words are forged.
          if (random.below(10) === 0) await pause(1);
        }
        // Batches that are done in between reset the count of failures.
        await pause(700);
      }
      const size = async () => (await Deno.stat(`${folder}/../../t.pcap`)).size;
      const before = await size();
      await until("packets are written afterwards", async () => await size() > before + 10_000)
        .catch((error) => {
          throw new Error(`${error.message}; HOSTILE_SEED=${SEED} repeats it; log: ${run.log}`);
        });
    },
  };
  const result = await runHostile(hostile, FIRST_GROUP + 900);
  printFigures(hostile, result);
  assertMatch(result.log, NOTICED);
});

/** Word of a slot's state, and the state of one that the sandbox works on. */
const STATE_AT = SLOTS_AT;
const DISPATCHED = 1;

for (const state of [-1, 0, 64, 2, 3]) {
  Deno.test(`a slot whose state a sandbox forged as ${state} is used again (needs nft and root)`, {
    ignore: !HAS_NFT,
  }, async () => {
    const hostile: HostileCase = {
      ...PASSES,
      title: `forges the state ${state}`,
      config: "timeout_ms = 300",
      flowMs: 60_000,
      endsWithAct: true,
      forges: true,
      async act(run) {
        using ring = ringOf(run.pid);
        const first = await sandboxOf(run.pid);
        // A stopped sandbox keeps the slot, and forges no more.
        Deno.kill(first, "SIGSTOP");
        await until("a slot is dispatched", () => ring.words[STATE_AT] === DISPATCHED);
        ring.words[STATE_AT] = state;
        await until("the sandbox is replaced", () => run.log.includes("sandbox is replaced"));
        const size = async () => (await Deno.stat(`${run.folder}/../../t.pcap`)).size;
        const before = await size();
        await until("packets are written afterwards", async () => await size() > before + 10_000)
          .catch((error) => {
            throw new Error(`${error.message}: ${run.log}`);
          });
      },
    };
    const result = await runHostile(hostile, FIRST_GROUP + 910 + state);
    printFigures(hostile, result);
  });
}

Deno.test("a sandbox has only its own descriptors (needs nft and root)", {
  ignore: !HAS_NFT,
}, async () => {
  let found: string[] = [];
  const hostile: HostileCase = {
    ...PASSES,
    title: "has no descriptor but its own",
    async act({ pid }) {
      const folder = `/proc/${await sandboxOf(pid)}/fd`;
      await pause(100);
      found = entriesOf(folder).map((name) => linkTarget(`${folder}/${name}`) ?? "");
    },
  };
  await runHostile(hostile, FIRST_GROUP + 901);
  const kinds = found.map((target) => target.replace(/\d+/g, "N"));
  const known = /^(\/dev\/null|pipe:\[N\]|socket:\[N\]|anon_inode:\[event(fd|poll)\]|)$/;
  assertEquals(kinds.filter((kind) => !known.test(kind)), []);
});
