/// <reference lib="dom" />
/** The width of the page. */

import { useEffect, useState } from "preact/hooks";

/** Returns the width of the page in pixels, and renders again when it changes. */
export function useWidth(): number {
  const [width, setWidth] = useState(innerWidth);
  useEffect(() => {
    const changed = () => setWidth(innerWidth);
    addEventListener("resize", changed);
    return () => removeEventListener("resize", changed);
  }, []);
  return width;
}
