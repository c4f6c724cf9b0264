import { assertEquals } from "@std/assert";
import {
  applyOnError,
  attributeFailure,
  type InFlightSlot,
  newInFlight,
  type SlotWorker,
} from "../../../src/daemon/pool/in_flight.ts";
import { Progress } from "../../../src/daemon/pool/progress.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Kind, Mode, NO_PACKET, Slot, State } from "../../../src/sandbox/slot.ts";

const WORKER: SlotWorker = { dispatch() {}, resume() {}, reclaim() {}, rejectResults() {} };

/** Returns a slot with two datagrams of 100 bytes. */
function slotOf(): InFlightSlot {
  const interfaces = new InterfaceTable();
  const at = { source: 0, size: 100, seconds: 0, nanoseconds: 0, interfaces };
  const datagrams = [{ ...at, offset: 0 }, { ...at, offset: 100 }];
  const slot = Slot.forCopies(0);
  slot.clear(Kind.PACKETS);
  return newInFlight(WORKER, slot, Kind.PACKETS, datagrams);
}

function asked(inFlight: InFlightSlot, datagram: number, position: number): void {
  inFlight.slot.currentDatagram = datagram;
  inFlight.slot.currentPosition = position;
}

Deno.test("A packet that took too long is not asked about again", () => {
  const inFlight = slotOf();
  asked(inFlight, 1, 120);
  attributeFailure(inFlight, "timedOut");
  assertEquals(inFlight.skip, { datagram: 1, position: 120, failure: "timedOut" });
  assertEquals(inFlight.hasFailed, true);
});

Deno.test("A packet at which the process ended has one more try", () => {
  const inFlight = slotOf();
  asked(inFlight, 0, 40);
  attributeFailure(inFlight, "failed");
  assertEquals([inFlight.skip, inFlight.suspect], [undefined, { datagram: 0, position: 40 }]);
  asked(inFlight, 0, 80);
  attributeFailure(inFlight, "failed");
  assertEquals([inFlight.skip, inFlight.suspect], [undefined, { datagram: 0, position: 80 }]);
  attributeFailure(inFlight, "failed");
  assertEquals(inFlight.skip, { datagram: 0, position: 80, failure: "failed" });
});

Deno.test("A place that cannot be is not believed", () => {
  const places = [[0, NO_PACKET], [2, 10], [-1, 10], [0, 100], [1, 99], [1, 200], [0, -5]] as const;
  for (const [datagram, position] of places) {
    const inFlight = slotOf();
    asked(inFlight, datagram, position);
    attributeFailure(inFlight, "timedOut");
    assertEquals(inFlight.skip, undefined, `${datagram} ${position}`);
  }
  const behind = slotOf();
  behind.resume = { datagram: 1, position: 100 };
  asked(behind, 0, 40);
  attributeFailure(behind, "timedOut");
  assertEquals(behind.skip, undefined, "it is decided already");
});

Deno.test("Without the script packets follow on_error, and a decision stays", () => {
  for (const [onError, mode] of [["pass", Mode.PASS], ["drop", Mode.DROP]] as const) {
    const inFlight = slotOf();
    applyOnError(inFlight, onError);
    applyOnError(inFlight, "pass");
    assertEquals([inFlight.mode, inFlight.failure], [mode, "failed"]);
  }
});

Deno.test("Time counts for a process that works, not for one whose outputs are waited for", () => {
  const progress = new Progress();
  const inFlight = slotOf();
  inFlight.slot.state = State.DISPATCHED;
  assertEquals(progress.stalledMs(inFlight, 1000, false), 0);
  assertEquals(progress.stalledMs(inFlight, 4000, false), 3000);
  assertEquals(progress.stalledMs(inFlight, 5000, true), 0, "nobody looked meanwhile");
  inFlight.slot.state = State.FULL;
  assertEquals(progress.stalledMs(inFlight, 9000, false), 0);
  inFlight.slot.state = State.DISPATCHED;
  assertEquals(progress.stalledMs(inFlight, 9500, false), 0);
  assertEquals(progress.stalledMs(slotOf(), 20_000, false), 0, "another slot");
  assertEquals(progress.stalledMs(undefined, 30_000, false), 0);
});
