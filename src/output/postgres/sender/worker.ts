/** The sender's thread, which may access the database and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { PostgresReceiver, type PostgresTarget } from "./receiver.ts";

serveSender<PostgresTarget>((target, context) => new PostgresReceiver(target, context));
