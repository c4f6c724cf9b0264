/** The sender's thread, which may access the servers and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { NatsReceiver, type StreamTarget } from "./receiver.ts";

// The client prints errors of connections, and with them what a server has sent.
console.log = console.error = () => {};

serveSender<StreamTarget>((target, context) => new NatsReceiver(target, context));
