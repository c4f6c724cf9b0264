/**
 * Draws the curves of an overload, readable on light and dark backgrounds.
 *
 * @module
 */

/** A step of a load. */
export interface Step {
  /** Packets a second that were sent. */
  offered: number;
  /** Share of them that was lost, 0 to 1. */
  lost: number;
  /** Cores that the program used meanwhile. */
  cores: number;
}

/** Results of one program at all steps. */
export interface Curve {
  name: string;
  steps: Step[];
  /** Datagrams that the kernel dropped when the load fell from the highest to the lowest. */
  fall: { during: number; after: number; lastMs: number };
}

const WIDTH = 760;
const PANEL = { left: 50, right: 560, height: 190 };
const TOP = [30, 280] as const;
const HEIGHT = 540;
/** Colours of the curves in their order: on light and on dark backgrounds. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0050b3", "#6cb6ff"],
  ["#00796b", "#4fd1c0"],
  ["#c62828", "#ff8a80"],
  ["#ad5b00", "#ffb74d"],
  ["#6a1b9a", "#d6a2ff"],
  ["#7a6a00", "#e6d750"],
  ["#555555", "#bbbbbb"],
];

/** Draws loss above and cores below, both over packets per second. */
export function curves(all: readonly Curve[]): string {
  const steps = all.flatMap(({ steps }) => steps);
  const most = Math.ceil(Math.max(...steps.map(({ offered }) => offered)) / 100_000) * 100_000;
  const lost = Math.max(0.1, Math.ceil(Math.max(...steps.map(({ lost }) => lost)) * 10) / 10);
  const cores = Math.max(1, Math.ceil(Math.max(...steps.map(({ cores }) => cores)) * 2) / 2);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12">
<title>Packets lost and cores used over packets sent a second</title>
<style>
text { fill: #222 } .grid { stroke: #ddd } .ground { fill: white }
polyline { fill: none; stroke-width: 2 }
${COLOURS.map(([light], index) => `.c${index} { stroke: ${light} }`).join(" ")}
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .grid { stroke: #444 } .ground { fill: #111 }
${COLOURS.map(([, dark], index) => `.c${index} { stroke: ${dark} }`).join(" ")}
}
</style>
<rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>
${panel(all, TOP[0], "lost, in percent", most, 100 * lost, 10, ({ lost }) => 100 * lost)}
${panel(all, TOP[1], "cores used", most, cores, 0.25, ({ cores }) => cores)}
<text x="${PANEL.left}" y="${HEIGHT - 10}">thousand packets sent a second</text>
${all.map(({ name }, index) => legend(name, index)).join("\n")}
</svg>
`;
}

function panel(
  all: readonly Curve[],
  top: number,
  title: string,
  mostX: number,
  mostY: number,
  tick: number,
  value: (step: Step) => number,
): string {
  const bottom = top + PANEL.height;
  const x = (offered: number) =>
    (PANEL.left + offered / mostX * (PANEL.right - PANEL.left)).toFixed(1);
  const y = (value: number) => (bottom - value / mostY * PANEL.height).toFixed(1);
  const parts = [`<text x="${PANEL.left}" y="${top - 10}" font-weight="bold">${title}</text>`];
  for (let at = 0; at <= mostY + tick / 2; at += tick) {
    parts.push(
      `<line class="grid" x1="${PANEL.left}" x2="${PANEL.right}" y1="${y(at)}" y2="${y(at)}"/>`,
      `<text x="${PANEL.left - 6}" y="${y(at)}" text-anchor="end" dominant-baseline="middle">` +
        `${+at.toFixed(2)}</text>`,
    );
  }
  for (let at = 0; at <= mostX; at += 100_000) {
    parts.push(
      `<text x="${x(at)}" y="${bottom + 16}" text-anchor="middle">${at / 1000}</text>`,
    );
  }
  all.forEach(({ steps }, index) => {
    const points = steps.toSorted((a, b) => a.offered - b.offered)
      .map((step) => `${x(step.offered)},${y(value(step))}`).join(" ");
    parts.push(`<polyline class="c${index % COLOURS.length}" points="${points}"/>`);
  });
  return parts.join("\n");
}

function legend(name: string, index: number): string {
  const [x, y] = [PANEL.right + 25, TOP[0] + 20 * index + 10];
  return `<polyline class="c${index % COLOURS.length}" points="${x},${y} ${x + 24},${y}"/>` +
    `<text x="${x + 32}" y="${y}" dominant-baseline="middle">${name}</text>`;
}
