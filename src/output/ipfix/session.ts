/** Sessions of IPFIX (RFC 7011 section 10): one a connection, or a socket of UDP. */

import { concat } from "../../bytes/write.ts";
import type { Datagrams, Framing } from "../remote/framing.ts";
import { MESSAGE_MAX, MessageBuilder } from "./messages.ts";
import type { IpfixOptions } from "./options.ts";

const now = () => Math.floor(Date.now() / 1000);

/** Returns the framing over TCP and TLS: templates once, at the beginning of each connection. */
export function connectionFraming({ observationDomain, maxMessage }: IpfixOptions): Framing {
  const options = {
    observationDomain,
    limit: maxMessage ?? MESSAGE_MAX,
    templateSeconds: Infinity,
    templateMessages: Infinity,
  };
  let builder = new MessageBuilder(options);
  return {
    begin: () => void (builder = new MessageBuilder(options)),
    frame: (bytes) => concat(Array.from(builder.messages(bytes, now()), (part) => part.slice())),
  };
}

/** The longest message by default: 1,280 bytes, the least MTU of IPv6, without its headers. */
const DATAGRAM = 1280 - 40 - 8;

/** Returns the division into datagrams: a message each, with templates again and again. */
export function messageDatagrams(options: IpfixOptions): Datagrams {
  const { observationDomain, maxMessage, templateSeconds, templateMessages } = options;
  const make = () =>
    new MessageBuilder({
      ...{ observationDomain, templateSeconds, templateMessages },
      limit: maxMessage ?? DATAGRAM,
    });
  let builder = make();
  return {
    begin: () => void (builder = make()),
    split: (bytes) => builder.messages(bytes, now()),
    recordsOf: (message) => Array(builder.records).fill(message.toHex()),
  };
}
