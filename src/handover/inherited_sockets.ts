/** Holds sockets inherited from another process until their sources take them. */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { isSameSource, type LiveSource, type SourceIdentity, sourceText } from "./state.ts";

/** Sockets that no source has taken yet. */
export class InheritedSockets implements Disposable {
  readonly #onClose: (source: LiveSource) => void;
  #waiting: readonly LiveSource[];

  /**
   * Takes ownership of sockets.
   *
   * @param sources Sockets, to be closed by this object unless taken.
   * @param onClose Called for each unused socket that is closed.
   */
  constructor(
    sources: readonly LiveSource[] = [],
    onClose: (source: LiveSource) => void = () => {},
  ) {
    this.#waiting = sources;
    this.#onClose = onClose;
  }

  /**
   * Takes a source's socket, which the caller must close.
   *
   * @param identity Identity of the source; undefined for a source without a socket.
   * @returns Socket and its sequence number; undefined if none was inherited.
   */
  take(identity: SourceIdentity | undefined): LiveSource | undefined {
    const found = this.#waiting.find((one) => isAmong(one, [identity]));
    this.#waiting = this.#waiting.filter((one) => one !== found);
    return found;
  }

  /**
   * Closes unused sockets, which unbinds their groups.
   *
   * @param wanted Configured sources; undefined for those without a socket.
   * @returns Descriptions of the closed sockets.
   */
  keepOnly(wanted: readonly (SourceIdentity | undefined)[]): string[] {
    const unwanted = this.#waiting.filter((one) => !isAmong(one, wanted));
    this.#waiting = this.#waiting.filter((one) => isAmong(one, wanted));
    for (const source of unwanted) {
      closeDescriptor(source.descriptor);
      this.#onClose(source);
    }
    return unwanted.map(sourceText);
  }

  /** Closes the sockets that were not taken. */
  [Symbol.dispose](): void {
    this.keepOnly([]);
  }
}

function isAmong(one: LiveSource, others: readonly (SourceIdentity | undefined)[]): boolean {
  return others.some((other) => other !== undefined && isSameSource(one, other));
}
