/**
 * Draws the figures of a fleet's parts, readable on light and dark backgrounds.
 *
 * @module
 */

import type { FleetFigures } from "./fleet.ts";

const WIDTH = 760;
const LABELS = 190;
const ROW = 24;
const GAP = 44;

/** A bar. */
interface Bar {
  name: string;
  value: number;
  text: string;
}

/** Draws CPU per packet of each part above, and packets a second below. */
export function fleetBars({ parts, through }: FleetFigures): string {
  const thousands = (rate: number) => `${Math.round(rate / 1000)},000`;
  const panels: [title: string, bars: Bar[]][] = [
    [
      "CPU time for a packet, in microseconds",
      parts.map(({ name, cpu }) => ({ name, value: cpu, text: cpu.toFixed(2) })),
    ],
    [
      "packets a second, on two CPUs",
      [
        ...parts.filter(({ name }) => !name.startsWith("server"))
          .map(({ name, rate }) => ({ name, value: rate, text: thousands(rate) })),
        ...through.map(({ name, rate }) => ({
          name: `all at once, into ${name}`,
          value: rate,
          text: thousands(rate),
        })),
      ],
    ],
  ];
  let top = 0;
  const drawn = panels.map(([title, bars]) => {
    const begin = top + 24;
    top = begin + bars.length * ROW + GAP - 24;
    return panel(title, bars, begin);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" ` +
    `font-family="sans-serif" font-size="12">
<title>CPU time and packets a second of a sender, a NATS server and a centre</title>
<style>
text { fill: #222 } .ground { fill: white } .bar { fill: #0050b3 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .ground { fill: #111 } .bar { fill: #6cb6ff }
}
</style>
<rect class="ground" width="${WIDTH}" height="${top}"/>
${drawn.join("\n")}
</svg>
`;
}

function panel(title: string, bars: readonly Bar[], top: number): string {
  const most = Math.max(...bars.map(({ value }) => value));
  return [
    `<text x="${LABELS}" y="${top - 8}" font-weight="bold">${title}</text>`,
    ...bars.map(({ name, value, text }, index) => {
      const y = top + index * ROW;
      const width = (WIDTH - LABELS - 90) * value / most;
      return `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${name}</text>` +
        `<rect class="bar" x="${LABELS}" y="${y + 2}" width="${width.toFixed(1)}" height="16"/>` +
        `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 14}">${text}</text>`;
    }),
  ].join("\n");
}
