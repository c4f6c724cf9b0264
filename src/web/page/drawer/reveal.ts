/// <reference lib="dom" />
/** Scrolling of parts of the drawer. */

/** Room between a part that is shown and the edge of the box that scrolls, in pixels. */
const ROOM = 24;

/** Scrolls a box, and nothing around it, so that a part of it is shown. */
export function reveal(box: Element | null, part: Element | null | undefined): void {
  if (!box || !part) return;
  const [outer, inner] = [box.getBoundingClientRect(), part.getBoundingClientRect()];
  const above = outer.top + ROOM - inner.top;
  const below = inner.bottom - (outer.bottom - ROOM);
  if (above > 0) box.scrollTop -= above;
  else if (below > 0) box.scrollTop += below;
}
