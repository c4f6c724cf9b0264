/** Packets that an output has not written when it is closed. */

import { messageOf } from "../../errors.ts";
import type { Backlog } from "../../buffer/backlog.ts";
import type { OutputLog } from "../../output/output.ts";
import type { BufferedOutputOptions } from "./options.ts";

/** Moves queued packets into the spool, if there is one. */
export function keep(backlog: Backlog, log: OutputLog): void {
  try {
    backlog.keep();
  } catch (error) {
    log.warn(messageOf(error));
  }
}

/** Closes a queue; returns how many packets in memory are dropped. */
export function drop(
  backlog: Backlog,
  { spool, log }: Pick<BufferedOutputOptions, "spool" | "log">,
): number {
  const inMemory = backlog.letGo();
  if (inMemory > 0) {
    log.warn("The time limit expired; unwritten packets were lost", { dropped: inMemory });
  }
  const spooled = spool === undefined ? 0 : spool.packets + spool.oldPackets;
  if (spooled > 0) log.warn("Packets wait in the spool: the next start writes them", { spooled });
  backlog[Symbol.dispose]();
  return inMemory;
}
