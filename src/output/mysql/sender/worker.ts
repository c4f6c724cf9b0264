/** The sender's thread, which may access the database and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { MysqlReceiver, type MysqlTarget } from "./receiver.ts";

serveSender<MysqlTarget>((target, context) => new MysqlReceiver(target, context));
