/// <reference lib="dom" />
/** A stacked chart over time, in which a range is dragged. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Chart, StoredLoss } from "../api/types.ts";
import { bytes, shortCount, tick, type Zone } from "../text/format.ts";
import type { Times } from "../time/range.ts";
import { stacked } from "./buckets.ts";

/** Properties of the chart. */
export interface PlotProperties {
  chart: Chart;
  measure: "packets" | "bytes";
  times: Times;
  zone: Zone;
  /** CSS classes of the keys' colours. */
  colours: readonly string[];
  losses: readonly StoredLoss[];
  /** Colours of the page, which this is drawn anew for. */
  theme: string;
  /** Text in place of the picture. */
  summary: string;
  onRange(times: Times): void;
  /** Takes the bucket below the pointer; undefined for none. */
  onBucket(place: number | undefined): void;
}

/** Width up to which there is no room for numbers beside the chart, in pixels. */
const NARROW = 480;

/** Draws the chart. */
export function Plot(properties: PlotProperties): JSX.Element {
  const { chart, measure, times, zone, colours, losses, theme, summary } = properties;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(properties);
  latest.current = properties;
  const look = [colours.join(" "), measure, zone, theme].join("|");
  useEffect(() => {
    const { width, height } = box.current!.getBoundingClientRect();
    const made = new uPlot(optionsFor(latest, box.current!, width, height), [[]], box.current!);
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => made.setSize(entry!.contentRect));
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [look]);
  useEffect(() => {
    const { times, sums } = stacked(chart, measure);
    // The whole stack is drawn first, and what is below covers it.
    plot.current!.setData([times, ...sums.toReversed()] as uPlot.AlignedData);
  }, [chart, measure, times.fromMs, times.toMs, losses, look]);
  return <div class="plot" ref={box} role="img" aria-label={summary} />;
}

/** Makes the options; they read the newest properties. */
function optionsFor(
  latest: { current: PlotProperties },
  box: HTMLElement,
  width: number,
  height: number,
): uPlot.Options {
  const { colours, measure, zone } = latest.current;
  const colour = (name: string) => {
    const probe = document.createElement("i");
    probe.className = name;
    box.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  const [text, line, loss] = ["plot-text", "plot-line", "plot-loss"].map(colour) as [
    string,
    string,
    string,
  ];
  const font = `11px ${getComputedStyle(box).fontFamily}`;
  const axis = { stroke: text, font, ticks: { show: false } };
  return {
    width,
    height,
    padding: [8, 2, 0, 0],
    legend: { show: false },
    ...zone === "utc" &&
      { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1e3), "UTC") },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
    },
    scales: {
      x: {
        range: () => {
          const { fromMs, toMs } = latest.current.times;
          return [fromMs / 1000, toMs / 1000];
        },
      },
      y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        gap: 4,
        space: 70,
        values: (_, splits, __, ___, step) => splits.map((at) => tick(at * 1000, step, zone)),
      },
      {
        ...axis,
        show: width > NARROW,
        grid: { stroke: line, width: 1 },
        size: 46,
        gap: 6,
        space: 28,
        values: (_, values) => values.map((v) => measure === "bytes" ? bytes(v) : shortCount(v)),
      },
    ],
    series: [
      {},
      ...colours.map((name): uPlot.Series => ({
        fill: colour(`plot-fill ${name}`),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars!({ size: [1, Infinity], align: 1, gap: 1 }),
      })).toReversed(),
    ],
    hooks: {
      setCursor: [
        ({ cursor }) => latest.current.onBucket(cursor.idx ?? undefined),
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 3) return;
          const [from, to] = [left, left + width].map((x) => plot.posToVal(x, "x") * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onRange({ fromMs: Math.floor(from!), toMs: Math.ceil(to!) });
        },
      ],
      draw: [
        ({ ctx, bbox, valToPos }) => {
          ctx.save();
          ctx.fillStyle = loss;
          const size = 4 * devicePixelRatio;
          for (const { timeMs } of latest.current.losses) {
            const x = valToPos(timeMs / 1000, "x", true);
            if (x < bbox.left || x > bbox.left + bbox.width) continue;
            ctx.fillRect(x - 0.5 * devicePixelRatio, bbox.top, devicePixelRatio, bbox.height);
            ctx.beginPath();
            ctx.moveTo(x - size, bbox.top - size);
            ctx.lineTo(x + size, bbox.top - size);
            ctx.lineTo(x, bbox.top + size);
            ctx.fill();
          }
          ctx.restore();
        },
      ],
    },
  };
}
