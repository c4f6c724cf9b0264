/** Icons, drawn in the colour of the text around them. */

import type { JSX } from "preact";

/** Lines of the icons, on a ground of 16 by 16. */
const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.400l4.200-.5Z",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.500V8l2.500 1.500",
  pause: "M5.500 3v10M10.500 3v10",
  play: "M5 3l8 5-8 5Z",
  out: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14M5 7h4",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  down: "M4 6l4 4 4-4",
  columns: "M2 3h12v10H2ZM6 3v10M10 3v10",
  group: "M3 4h10M5 8h8M5 11h8",
  download: "M8 2v8M4.500 7L8 10.500 11.500 7M3 13.500h10",
  list: "M2 13V8h3v5M6.500 13V3h3v10M11 13V6h3v7",
  theme: "M8 2a6 6 0 1 0 0 12ZM8 2a6 6 0 0 1 0 12",
  help: "M5.500 6a2.500 2.500 0 1 1 3.400 2.300c-.6.3-.9.700-.9 1.400M8 12.500v.1",
  incoming: "M2 8h8M7 4.500L10.500 8 7 11.500M13.500 3v10",
  outgoing: "M2.500 3v10M5.500 8H13M10 4.500L13.500 8 10 11.500",
  through: "M2 8h11M10 4.500L13.500 8 10 11.500M2 5v6",
  local: "M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  link:
    "M6.500 9.500l3-3M7 5l1.500-1.500a2.800 2.800 0 0 1 4 4L11 9M9 11l-1.500 1.500a2.800 2.800 0 0 1-4-4L5 7",
  up: "M8 13V3M4 7l4-4 4 4",
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** Draws an icon; the control that it is in says what it means. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
