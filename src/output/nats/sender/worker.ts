/** The sender's thread, which may access the servers and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { NatsReceiver, type StreamTarget } from "./receiver.ts";

serveSender<StreamTarget>((target, context) => new NatsReceiver(target, context));
