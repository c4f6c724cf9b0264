import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, ROOT, temporaryFolder, until } from "../system/process.ts";
import {
  CTRL_C,
  CTRL_Z,
  HAS_SCRIPT,
  screenAfter,
  scriptOnTerminal,
  start,
} from "../system/terminal.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { startNfscribeWith, writeConfig } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const ignore = !HAS_NFT || !HAS_SCRIPT;
const SIZE: [number, number] = [100, 12];
/** The bottom line, when keys are read. */
const KEYS = "? help";

/** Returns a line of a shell that runs `nfscribe watch`. */
function watch(...args: readonly string[]): string {
  const rights = ["--allow-ffi", "--allow-read", "--allow-env=TERM"];
  return deno(...rights, `${ROOT}main.ts`, "watch", ...args).join(" ");
}

/** Starts a script on a terminal. */
function onScreen(script: string) {
  const program = start(scriptOnTerminal(script, SIZE));
  const screen = () => screenAfter(program.said.stdout, SIZE);
  return {
    ...program,
    screen,
    /** Waits until a line of the screen contains a text. */
    shows: (text: string) =>
      until(`the screen shows ${text}`, () => screen().lines.some((line) => line.includes(text))),
    /** Waits until no line of the screen contains a text. */
    hides: (text: string) =>
      until(`the screen hides ${text}`, () => !screen().lines.some((line) => line.includes(text))),
    /** Returns the number of lines that contain a text, of those that scrolled away, too. */
    count(text: string) {
      const { scrolled, lines } = screen();
      return [...scrolled, ...lines].filter((line) => line.includes(text)).length;
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

Deno.test({
  name: "Keys pause, filter, show destinations and help, and quit (needs nft, script)",
  ignore,
  fn: async () => {
    await using _rules = await nft([
      // Text that acts on a terminal: the screen refuses it.
      ["output", 'udp dport { 9, 10 } log prefix "\x1b[2J\x1b]0;x\x07\u009b31m " group 961'],
    ]);
    await using watching = onScreen(`${watch("--group", "961")}; stty -a`);
    await watching.shows(KEYS);
    sendUdp(2, 30);
    await until("both are shown", () => watching.count("127.0.0.1:9 ") === 2);
    assertEquals(watching.screen().showsCursor, false);

    await watching.type("p");
    await watching.shows("paused: 0 passed");
    sendUdp(3, 30);
    await watching.shows("paused: 3 passed");
    assertEquals(watching.count("127.0.0.1:9 "), 2);
    await watching.type(" ");
    await watching.hides("paused");

    await watching.type("/udp prot 10\r");
    await watching.shows('did you mean "port"?');
    const { lines, cursor, showsCursor } = watching.screen();
    assertEquals(lines.slice(-3, -1), ["/udp prot 10", "     ^^^^"]);
    assertEquals([cursor, showsCursor], [[lines.length - 3, 12], true]);
    await watching.type("\x15udp port 10\r");
    await watching.shows("udp port 10  q quit");
    sendUdp(1, 30);
    sendUdp(1, 30, 10);
    await watching.shows("127.0.0.1:10 ");
    assertEquals(watching.count("127.0.0.1:9 "), 2);
    await watching.type("/x\x1b");
    await watching.shows("udp port 10  q quit");

    await watching.type("t");
    await watching.shows("127.0.0.1 udp/10");
    assert(watching.screen().isPage);
    assertEquals(watching.count("udp/9"), 0, "those that are filtered are counted");
    await watching.type("?");
    await watching.shows("top destinations, and back");
    await watching.type("qq");
    const { code, stdout } = await watching.ended();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "received 7, shown 3, while paused 3, not chosen 1, lost 0\r\n");
    assertMatch(stdout, / icanon /);
    assertMatch(stdout, / echo /);
    const end = screenAfter(stdout, SIZE);
    assertEquals([end.isPage, end.showsCursor], [false, true]);
  },
});

const ENDS: readonly (readonly [
  name: string,
  end: (screen: {
    type(text: string): Promise<void>;
    pid: number;
  }) => unknown,
])[] = [
  ["Ctrl-C", ({ type }) => type(CTRL_C)],
  ["Ctrl-\\", ({ type }) => type("\x1c")],
  ["SIGTERM", ({ pid }) => Deno.kill(pid, "SIGTERM")],
  ["--count", () => sendUdp(9)],
];

for (const [name, end] of ENDS) {
  Deno.test({
    name: `The terminal is as it was after ${name}, from a page, too (needs nft, script)`,
    ignore,
    fn: async () => {
      await using _rules = await nft([["output", "udp dport 9 log group 962"]]);
      const command = watch("--group", "962", "--count", "9");
      await using watching = onScreen(`sh -c 'echo pid $$; exec ${command}'; stty -a`);
      await watching.shows(KEYS);
      await watching.type("t");
      await watching.shows("Top destinations");
      const pid = Number(/pid (\d+)/.exec(watching.said.stdout)![1]);
      await end({ pid, type: watching.type });
      const { stdout } = await watching.ended();
      assertMatch(stdout, / icanon /);
      assertMatch(stdout, / echo /);
      const { isPage, showsCursor } = screenAfter(stdout, SIZE);
      assertEquals([isPage, showsCursor], [false, true]);
      assertStringIncludes(stdout, "nfscribe: received ");
    },
  });
}

Deno.test({
  name: "Ctrl-Z gives the terminal back, and fg takes it again (needs nft, script)",
  ignore,
  fn: async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 963"]]);
    // A shell that is not interactive restores no mode by itself.
    const script = `set -m; ${watch("--group", "963")}; stty -a; echo stopped; read go; fg`;
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/jobs`, script);
    await using watching = onScreen(`bash ${folder.path}/jobs`);
    await watching.shows(KEYS);
    sendUdp(1, 30);
    await watching.shows("127.0.0.1:9 ");
    await watching.type(CTRL_Z);
    await watching.shows("stopped");
    const stopped = watching.screen();
    assert(stopped.showsCursor && !stopped.lines.some((line) => line.includes(KEYS)));
    assertMatch(watching.said.stdout, / icanon /);
    assertMatch(watching.said.stdout, / echo /);
    sendUdp(1, 31);
    await watching.type("\n");
    await watching.shows(KEYS);
    await until("the one of the meantime is shown", () => watching.count("127.0.0.1:9 ") === 2);
    await watching.type("q");
    const { stdout } = await watching.ended();
    assertStringIncludes(stdout, "nfscribe: received 2, shown 2, lost 0\r\n");
  },
});

Deno.test({
  name:
    "Without a terminal at standard input, and on a dumb one, there are no keys (needs nft, script)",
  ignore,
  fn: async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 964"]]);
    const command = watch("--group", "964", "--count", "1");
    for (const script of [`${command} </dev/null`, `TERM=dumb ${command}`]) {
      await using watching = onScreen(`${script}; stty -a`);
      await watching.shows("watching group 964");
      sendUdp(1, 30);
      const { stdout } = await watching.ended();
      assertStringIncludes(stdout, "nfscribe: received 1, shown 1, lost 0");
      assert(!stdout.includes(KEYS) && !stdout.includes("\x1b[?"), stdout);
    }
  },
});

Deno.test({
  name: "Keys control rates and stats --watch, which shows destinations, too (needs nft, script)",
  ignore,
  fn: async () => {
    await using _rules = await nft([["output", "udp dport { 9, 10 } log group 965"]]);
    await using rates = onScreen(watch("--group", "965", "--stats"));
    await rates.shows(KEYS);
    sendUdp(4, 72);
    await rates.shows("udp/9");
    await rates.type("/udp port 10\r");
    await rates.shows("udp port 10  q quit");
    await rates.type("t");
    await rates.shows("nothing with a destination so far");
    sendUdp(2, 72);
    sendUdp(1, 72, 10);
    await rates.shows("127.0.0.1 udp/10");
    await rates.type("q");
    const { stdout: shown } = await rates.ended();
    assertStringIncludes(shown, "nfscribe: received 7, not chosen 2, lost 0\r\n");
    const block = screenAfter(shown, SIZE).lines.join("\n");
    assertMatch(block, /udp\/9 [^]*udp\/10 /, "the last rates stay, with the last packet");

    await using folder = await temporaryFolder();
    const [config, socket] = [`${folder.path}/nfscribe.toml`, `${folder.path}/run.sock`];
    await writeConfig(config, { groups: [965], pcap: `${folder.path}/t.pcap` });
    await Deno.writeTextFile(config, `[stats]\nsocket = "run.sock"\n`, { append: true });
    await using _running = await startNfscribeWith([`--allow-net=unix:${socket}`], "-c", config);
    const rights = [
      "--allow-ffi",
      `--allow-net=unix:${socket}`,
      `--allow-read=${socket}`,
      `--allow-write=${socket}`,
    ];
    const command = deno(...rights, `${ROOT}main.ts`, "stats", "--socket", socket, "--watch");
    await using stats = onScreen(command.join(" "));
    await stats.shows(KEYS);
    await stats.type("p");
    await stats.shows("paused: 0 passed");
    sendUdp(5);
    await stats.shows("paused: 5 passed");
    await stats.type("p");
    await until("the counters go on", () => /nflog:965 +5 /.test(stats.screen().lines.join("\n")));

    // Through copies of what is received, which it asks for now.
    await stats.type("t");
    await stats.shows("nothing with a destination so far");
    await until("destinations are shown", () => {
      sendUdp(1, 30);
      return stats.screen().lines.some((line) => line.includes("127.0.0.1 udp/9 "));
    });
    await stats.type("/udp port 10\r");
    await stats.shows("udp port 10  q quit");
    sendUdp(1, 30);
    sendUdp(2, 30, 10);
    await stats.shows("127.0.0.1 udp/10 ");
    await stats.hides("udp/9 ");
    await stats.type("t");
    await stats.shows("nflog:965");
    // Counters are of all, and go on.
    await stats.hides("udp port 10");
    const before = stats.screen().lines.find((line) => line.startsWith("pcap "))!;
    sendUdp(1, 30);
    await stats.hides(before);
    await stats.type("q");
    const { code, stdout } = await stats.ended();
    const end = screenAfter(stdout, SIZE);
    assertEquals([code, end.showsCursor], [0, true]);
    assert(end.lines.some((line) => /^pcap +\d+ /.test(line)), "the last counters stay");
  },
});
