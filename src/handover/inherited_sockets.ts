/**
 * Sockets that another process has handed on, until somebody takes them.
 *
 * @module
 */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { isSameSource, type LiveSource, type SourceIdentity, sourceText } from "./state.ts";

/** Sockets that wait for their source. */
export class InheritedSockets implements Disposable {
  readonly #onClose: (source: LiveSource) => void;
  #waiting: readonly LiveSource[];

  /**
   * Holds them.
   *
   * @param sources The sockets; they are this object's own until they are taken.
   * @param onClose Told of each that nobody wants.
   */
  constructor(
    sources: readonly LiveSource[] = [],
    onClose: (source: LiveSource) => void = () => {},
  ) {
    this.#waiting = sources;
    this.#onClose = onClose;
  }

  /**
   * Takes a source's socket: whoever takes it must close it.
   *
   * @param identity The source; undefined for one that has no socket.
   * @returns The socket and its number; undefined where none was handed on.
   */
  take(identity: SourceIdentity | undefined): LiveSource | undefined {
    const found = this.#waiting.find((one) => isAmong(one, [identity]));
    this.#waiting = this.#waiting.filter((one) => one !== found);
    return found;
  }

  /**
   * Closes what no source wants: the kernel gives those groups back.
   *
   * @param wanted The sources that there are; undefined for those that have no socket.
   * @returns What was closed, for people.
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

  /** Closes what nobody took. */
  [Symbol.dispose](): void {
    this.keepOnly([]);
  }
}

function isAmong(one: LiveSource, others: readonly (SourceIdentity | undefined)[]): boolean {
  return others.some((other) => other !== undefined && isSameSource(one, other));
}
