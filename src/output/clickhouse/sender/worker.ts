/** The sender's thread, which may access the database and the spool only. */

import { serveSender } from "../../delivery/worker.ts";
import { ClickhouseReceiver, type ClickhouseTarget } from "./receiver.ts";

serveSender<ClickhouseTarget>((target, context) => new ClickhouseReceiver(target, context));
