/** Answers of the kernel about accounting objects. Nothing is changed. */

import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { messageOf, NetlinkError } from "../../errors.ts";
import { readMessages } from "../../netlink/message.ts";
import { isWithout, ObjectReader } from "./object_reader.ts";
import { type AccountingOptions, OBJECTS } from "./options.ts";
import { Names } from "./names.ts";
import { isObject, nameIn, type ObjectKind } from "./request.ts";

/** Objects of one kind that a source would read. */
export interface KindAnswer {
  kind: ObjectKind;
  /** Number of objects whose names are chosen. */
  chosen: number;
  /** Number of all objects. */
  all: number;
  /** Reason why they cannot be read, and what to do; undefined if they can be. */
  problem: string | undefined;
}

/** Asks the kernel about the objects of a source; kinds that it need not have are left out. */
export function objectsIn({ netns, objects, names }: AccountingOptions): KindAnswer[] {
  const reader = inNetworkNamespace(netns, () => ObjectReader.open());
  try {
    const patterns = new Names(names);
    const answers = (objects ?? OBJECTS).map((kind) => answerOf(reader, kind, patterns));
    const there = answers.filter(({ isMissing }) => objects !== undefined || !isMissing);
    return there.length > 0 ? there : answers;
  } finally {
    reader[Symbol.asyncDispose]();
  }
}

function answerOf(
  reader: ObjectReader,
  kind: ObjectKind,
  names: Names,
): KindAnswer & { isMissing: boolean } {
  const answer = { kind, chosen: 0, all: 0, problem: undefined, isMissing: false };
  try {
    for (const datagram of reader.read(kind, 1).datagrams) {
      for (const message of readMessages(datagram)) {
        if (!isObject(kind, message)) continue;
        answer.all++;
        const name = nameIn(kind, message);
        if (names.has(name, 0, name.length)) answer.chosen++;
      }
    }
    return answer;
  } catch (error) {
    const isMissing = error instanceof NetlinkError && isWithout(error.errno);
    return { ...answer, problem: messageOf(error), isMissing };
  }
}
