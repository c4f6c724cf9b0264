/** Components that are drawn again only where it matters. */

import { Component, type ComponentConstructor, type JSX } from "preact";

/**
 * Makes a component that keeps its picture while its properties are the same.
 *
 * @param isSame Tells whether two sets of properties make the same picture.
 */
export function memo<Properties extends object>(
  draw: (properties: Properties) => JSX.Element,
  isSame: (one: Properties, other: Properties) => boolean,
): ComponentConstructor<Properties> {
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Properties): boolean {
      return !isSame(this.props, next);
    }

    override render(): JSX.Element {
      return draw(this.props);
    }
  };
}
