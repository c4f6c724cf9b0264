/**
 * Stores sockets at the service manager (`FDSTORE=1`, sd_notify(3)): they survive this process,
 * even if it is killed, and are passed to the next start.
 */

import { closeDescriptor, setCloseOnExec } from "../../ffi/descriptor.ts";
import type { NamedDescriptor, ServiceEnvironment } from "./environment.ts";
import { InheritedSockets } from "../handover/inherited_sockets.ts";
import type { Notifier } from "./notifier.ts";
import { StateFile } from "../handover/state_file.ts";
import { type LiveSource, socketName, sourceOfName } from "../handover/state.ts";

/** Name of the state file in the store. */
const STATE_NAME = "nfscribe-state";

/** Descriptors stored at the manager. */
export class DescriptorStore implements Disposable {
  /** Sockets stored by a former run. */
  readonly inherited: InheritedSockets;
  readonly #notifier: Notifier;
  readonly #size: number;
  readonly #warn: (message: string) => void;
  /** Names in the store. */
  readonly #names = new Set<string>();
  #file: StateFile | undefined;
  #sources: readonly LiveSource[] = [];

  /**
   * Adopts the descriptors that the manager passed on.
   *
   * @param environment Environment variables of the manager.
   * @param notifier Sends messages to the manager.
   * @param warn Receives warnings about unusable descriptors.
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
    // Created before the rights for that are dropped.
    if (this.isActive) this.#file ??= new StateFile();
  }

  /**
   * Whether sockets are stored. At a stop they stay open then: packets in the kernel's buffer are
   * read after the next start.
   */
  get isActive(): boolean {
    return this.#size > 0;
  }

  /**
   * Stores sockets, and removes others. Called once all are open, and again after a reload.
   *
   * @param sources All open sources; {@linkcode update} checks their sequence numbers.
   */
  keep(sources: readonly LiveSource[]): void {
    if (!this.isActive) return;
    // A name may refer to a new socket; one place is for the state file.
    for (const name of this.#names) this.#notifier.remove(name);
    this.#names.clear();
    this.#sources = sources.slice(0, this.#size - 1);
    if (sources.length > this.#sources.length) this.#warnOfSize(sources.length);
    this.#file!.write(this.#sources);
    this.#store(STATE_NAME, this.#file!.descriptor);
    for (const source of this.#sources) this.#store(socketName(source), source.descriptor);
  }

  /** Writes changed sequence numbers to the state file; called after each write of packets. */
  update(): void {
    this.#file?.update(this.#sources);
  }

  /** Closes the descriptors here; the manager keeps its copies. */
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

  /** Sorts descriptors into the state file and sockets. */
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

  #warnOfSize(count: number): void {
    this.#warn(
      `The service manager keeps ${
        this.#size - 1
      } of ${count} sockets: the others lose packets at a restart; ` +
        `set FileDescriptorStoreMax=${count + 1} and Environment=FDSTORE=${count + 1} in the unit`,
    );
  }
}
