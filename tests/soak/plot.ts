/**
 * Draws memory and descriptors over time.
 *
 * @module
 */

import type { Sample } from "./resources.ts";

const [WIDTH, HEIGHT, GAP] = [640, 150, 40];
const [LEFT, RIGHT, TOP] = [50, 630, 10];

/** A line of a panel. */
interface Curve {
  name: string;
  color: string;
  figure: (sample: Sample) => number;
}

const PANELS: readonly { title: string; curves: readonly Curve[] }[] = [
  {
    title: "memory of all processes, MB",
    curves: [
      { name: "the most ever (VmHWM)", color: "#c60", figure: ({ most }) => most },
      { name: "now (PSS)", color: "#06c", figure: ({ memory }) => memory },
    ],
  },
  {
    title: "open descriptors of all processes",
    curves: [{ name: "", color: "#06c", figure: ({ descriptors }) => descriptors }],
  },
];

/**
 * Draws the samples.
 *
 * @param what Text for the title.
 * @returns A document of SVG.
 */
export function plot(samples: readonly Sample[], what: string): string {
  const panels = PANELS.map(({ title, curves }, index) =>
    `<g transform="translate(0 ${index * (HEIGHT + GAP)})">\n${panel(samples, title, curves)}\n</g>`
  );
  const height = PANELS.length * (HEIGHT + GAP) + TOP;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="sans-serif" font-size="12">
<title>Memory and descriptors of nfscribe with nine outputs: ${what}</title>
<rect width="${WIDTH}" height="${height}" fill="white"/>
${panels.join("\n")}
</svg>
`;
}

function panel(samples: readonly Sample[], title: string, curves: readonly Curve[]): string {
  const end = Math.max(1, samples.at(-1)?.seconds ?? 1);
  const highest = Math.max(1, ...samples.flatMap((one) => curves.map(({ figure }) => figure(one))));
  const step = stepOf(highest);
  const top = Math.ceil(highest / step) * step;
  const x = (seconds: number) => (LEFT + seconds / end * (RIGHT - LEFT)).toFixed(1);
  const y = (value: number) => (TOP + HEIGHT - value / top * (HEIGHT - TOP)).toFixed(1);
  const marks = Array.from({ length: top / step + 1 }, (_, index) => index * step).map((value) =>
    `<line x1="${LEFT}" x2="${RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
    `<text x="${LEFT - 6}" y="${
      y(value)
    }" text-anchor="end" dominant-baseline="middle">${value}</text>`
  );
  const lines = curves.map(({ name, color, figure }, index) =>
    `<polyline points="${
      samples.map((one) => `${x(one.seconds)},${y(figure(one))}`).join(" ")
    }" fill="none" stroke="${color}"/>` +
    `<text x="${RIGHT}" y="${TOP + HEIGHT - 8 - 16 * (curves.length - 1 - index)}" ` +
    `text-anchor="end" fill="${color}">${name}</text>`
  );
  return [
    ...marks,
    ...lines,
    `<text x="${LEFT}" y="${TOP + HEIGHT + 18}">0</text>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${title}</text>`,
    `<text x="${RIGHT}" y="${TOP + HEIGHT + 18}" text-anchor="end">${
      (end / 60).toFixed(0)
    } minutes</text>`,
  ].join("\n");
}

/** Returns a round distance of marks, of which there are at most five. */
function stepOf(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest));
  return [0.2, 0.5, 1, 2].map((factor) => factor * power).find((step) => highest / step <= 5)!;
}
