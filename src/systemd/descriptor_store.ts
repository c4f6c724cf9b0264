/**
 * Sockets in the service manager's keeping (`FDSTORE=1`, sd_notify(3)): they
 * survive this process, even where it is killed, and come back with the next start.
 *
 * @module
 */

import { closeDescriptor, setCloseOnExec } from "../../ffi/descriptor.ts";
import type { NamedDescriptor, ServiceEnvironment } from "./environment.ts";
import { InheritedSockets } from "../handover/inherited_sockets.ts";
import type { Notifier } from "./notifier.ts";
import { StateFile } from "../handover/state_file.ts";
import { type LiveSource, socketName, sourceOfName } from "../handover/state.ts";

/** What the file with the state is called. */
const STATE_NAME = "nfscribe-state";

/** What the manager keeps. */
export class DescriptorStore implements Disposable {
  /** Sockets that a former run left there. */
  readonly inherited: InheritedSockets;
  readonly #notifier: Notifier;
  readonly #size: number;
  readonly #warn: (message: string) => void;
  /** Names of what is in the store. */
  readonly #names = new Set<string>();
  #file: StateFile | undefined;
  #sources: readonly LiveSource[] = [];

  /**
   * Takes what the manager has kept.
   *
   * @param environment What the manager told.
   * @param notifier Where it is told.
   * @param warn Told of what is of no use.
   */
  constructor(
    { descriptors, storeSize }: Pick<ServiceEnvironment, "descriptors" | "storeSize">,
    notifier: Notifier,
    warn: (message: string) => void,
  ) {
    this.#notifier = notifier;
    this.#size = notifier.isActive ? storeSize : 0;
    this.#warn = warn;
    this.inherited = new InheritedSockets(
      this.#inherit(descriptors),
      (source) => this.#remove(source),
    );
    // Made while there is a right to.
    if (this.isActive) this.#file ??= new StateFile();
  }

  /**
   * Whether the manager keeps sockets. At the end they are then left as they are:
   * what the kernel holds is for the next start.
   */
  get isActive(): boolean {
    return this.#size > 0;
  }

  /**
   * Puts sockets into the store, and takes those out that are not among them. To be
   * called once all are open, and again when some were closed or opened.
   *
   * @param sources All that are open; {@linkcode update} looks at their numbers again and again.
   */
  keep(sources: readonly LiveSource[]): void {
    if (!this.isActive) return;
    // A name may by now stand for another socket; the state takes one place.
    for (const name of this.#names) this.#notifier.remove(name);
    this.#names.clear();
    this.#sources = sources.slice(0, this.#size - 1);
    if (sources.length > this.#sources.length) this.#complain(sources.length);
    this.#file!.write(this.#sources);
    this.#store(STATE_NAME, this.#file!.descriptor);
    for (const source of this.#sources) this.#store(socketName(source), source.descriptor);
  }

  /** Writes down which packets come next, where that has changed; to be called whenever something was written. */
  update(): void {
    this.#file?.update(this.#sources);
  }

  /** Closes what is open here; what the manager keeps stays open there. */
  [Symbol.dispose](): void {
    this.inherited[Symbol.dispose]();
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }

  #store(name: string, descriptor: number): void {
    this.#names.add(name);
    this.#notifier.store(name, descriptor);
  }

  #remove(source: LiveSource): void {
    const name = socketName(source);
    this.#names.delete(name);
    this.#notifier.remove(name);
  }

  /** Sorts what was handed on into the state and sockets. */
  #inherit(descriptors: readonly NamedDescriptor[]): LiveSource[] {
    const sockets: LiveSource[] = [];
    for (const { name, descriptor } of descriptors) {
      if (!setCloseOnExec(descriptor)) continue;
      this.#names.add(name);
      const identity = sourceOfName(name);
      if (identity !== undefined) {
        sockets.push({ ...identity, name, descriptor, expected: undefined });
      } else if (name === STATE_NAME && this.#file === undefined) {
        this.#file = new StateFile(descriptor);
      } else {
        this.#warn(`Closed descriptor "${name}" of the service manager: it is none of nfscribe's`);
        closeDescriptor(descriptor);
      }
    }
    return this.#withNumbers(sockets);
  }

  #withNumbers(sockets: readonly LiveSource[]): LiveSource[] {
    const state = this.#file?.read();
    if (sockets.length > 0 && state === undefined) {
      this.#warn(
        "The former run left no state: what is lost before the first packet is not counted",
      );
    }
    const known = new Map(state?.map((source) => [socketName(source), source]));
    return sockets.map((socket) => ({ ...socket, ...known.get(socket.name) }));
  }

  #complain(count: number): void {
    this.#warn(
      `The service manager keeps ${
        this.#size - 1
      } of ${count} sockets: the others lose packets at a restart; ` +
        `set FileDescriptorStoreMax=${count + 1} and Environment=FDSTORE=${count + 1} in the unit`,
    );
  }
}
