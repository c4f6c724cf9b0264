/** The thread that writes to the database, which may use its file and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { SqliteReceiver, type SqliteTarget } from "./receiver.ts";

serveSender<SqliteTarget>((target, context) => new SqliteReceiver(target, context));
