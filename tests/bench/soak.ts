/**
 * Runs the soak, and draws docs/soak.svg.
 *
 *     deno task soak --help
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { EVENTS, soak } from "../soak/soak.ts";
import { plot } from "../soak/plot.ts";

const HELP = `Usage: deno task soak [OPTION…]

  --minutes N        how long packets are sent (default 60)
  --rate N           packets a second (default 100000)
  --without EVENT,…  leave out reload, takeover, restart (of the server) or clock

Each minute the configuration changes, another process takes over, the server of the
database restarts, the clock jumps, and all files are rotated. Control-C ends it early, with
a report.`;

const options = parseArgs(Deno.args, {
  boolean: ["help"],
  string: ["minutes", "rate", "without"],
  unknown: (word) => fail(`Cannot understand ${word}`),
});
if (options.help) {
  console.log(HELP);
  Deno.exit(0);
}
const [minutes, rate] = [Number(options.minutes ?? 60), Number(options.rate ?? 100_000)];
if (!(minutes >= 1) || !(rate >= 1)) fail("--minutes and --rate are numbers from 1");
const without = new Set(String(options.without ?? "").split(",").filter(Boolean));
for (const name of without.difference(new Set<string>(EVENTS))) fail(`${name} is no event`);

const onProgress = (text: string) => console.log(text);
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());
const { signal } = stop;
const report = await soak({ rounds: minutes, roundSeconds: 60, rate, signal, without, onProgress });
const { logged, counters, arrived, rotated, events, samples, wrong } = report;
const [source] = Object.values(counters.sources);
console.log(`logged by the kernel ${logged}, received ${source!.received}, lost ${source!.lost}`);
for (const [name, { written, failed, dropped }] of Object.entries(counters.outputs)) {
  console.log(
    `${name}: written ${written}, arrived ${arrived[name]}, failed ${failed}, dropped ${dropped}`,
  );
}
console.log(Object.entries(events).map(([name, count]) => `${name} ${count}`).join(", "));
console.log(`${rotated} rotated files`);
const answers = samples.flatMap(({ answerMs }) => answerMs ?? []).sort((a, b) => a - b);
const answer = (part: number) => answers[Math.floor((answers.length - 1) * part)]?.toFixed(1);
console.log(
  `the counters' socket answered after ${answer(0.5)} ms, 99 of 100 in ${answer(0.99)} ms`,
);
const range = (figure: (sample: typeof samples[number]) => number) => {
  const figures = samples.map(figure);
  return `${Math.round(Math.min(...figures))} to ${Math.round(Math.max(...figures))}`;
};
console.log(
  `memory ${range(({ memory }) => memory)} MB, at the most ${range(({ most }) => most)} MB, ` +
    `descriptors ${range(({ descriptors }) => descriptors)}`,
);
await Deno.writeTextFile(
  new URL("../../docs/soak.svg", import.meta.url),
  plot(samples, `${minutes} minutes at ${rate} packets/s`),
);
console.log(wrong.length === 0 ? "The counters are exact." : wrong.join("\n"));
Deno.exit(wrong.length === 0 ? 0 : 1);

function fail(message: string): never {
  console.error(`${message}; see --help`);
  Deno.exit(2);
}
