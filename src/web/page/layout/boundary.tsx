/// <reference lib="dom" />
/** The bound of a fault of the page itself: the rest of it stays. */

import { Component, type ComponentChildren } from "preact";
import { Notice } from "../controls/notice.tsx";

/** Properties of a bound. */
interface BoundaryProperties {
  /** Part of the page; after a fault another one begins anew. */
  part: string;
  children: ComponentChildren;
}

/** Shows its content; if that cannot be drawn, why, and a way to draw it again. */
export class Boundary extends Component<BoundaryProperties, { fault: string | undefined }> {
  override state = { fault: undefined };

  static override getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: String(error) };
  }

  override componentDidUpdate({ part }: BoundaryProperties): void {
    if (part !== this.props.part && this.state.fault !== undefined) this.#again();
  }

  override render(): ComponentChildren {
    const { fault } = this.state;
    if (fault === undefined) return this.props.children;
    return (
      <Notice
        text={`This cannot be shown, by a fault of the page: ${fault}`}
        onRetry={() => this.#again()}
      />
    );
  }

  #again(): void {
    this.setState({ fault: undefined });
  }
}
