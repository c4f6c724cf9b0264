import { assertEquals } from "@std/assert";
import {
  serviceEnvironment,
  serviceNeeds,
  takeServiceEnvironment,
} from "../../src/systemd/environment.ts";

const PID = 4711;

function environmentOf(variables: Record<string, string>) {
  return serviceEnvironment((name) => variables[name], PID);
}

const NOTHING = { notifySocket: undefined, watchdogMs: undefined, descriptors: [], storeSize: 0 };

Deno.test("without a service manager no variables are set", () => {
  assertEquals(environmentOf({}), NOTHING);
});

Deno.test("without the right to the environment no variables are read", () => {
  assertEquals(takeServiceEnvironment(), NOTHING);
  assertEquals(serviceNeeds(), []);
});

Deno.test("serviceEnvironment() accepts a socket's path or its abstract name, and no other kind of address", () => {
  assertEquals(
    environmentOf({ NOTIFY_SOCKET: "/run/systemd/notify" }).notifySocket,
    "/run/systemd/notify",
  );
  assertEquals(environmentOf({ NOTIFY_SOCKET: "@manager" }).notifySocket, "@manager");
  for (const address of ["", "/", "@", "vsock:2:1234", "notify"]) {
    assertEquals(environmentOf({ NOTIFY_SOCKET: address }).notifySocket, undefined);
  }
});

Deno.test("serviceEnvironment() returns the timeout of a watchdog for this process or for any", () => {
  assertEquals(environmentOf({ WATCHDOG_USEC: "3000000" }).watchdogMs, 3000);
  assertEquals(
    environmentOf({ WATCHDOG_USEC: "3000000", WATCHDOG_PID: `${PID}` }).watchdogMs,
    3000,
  );
  assertEquals(
    environmentOf({ WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" }).watchdogMs,
    undefined,
  );
  for (const time of ["0", "", "-1", "1e6", "infinity", "9".repeat(20)]) {
    assertEquals(environmentOf({ WATCHDOG_USEC: time }).watchdogMs, undefined);
  }
});

Deno.test("serviceEnvironment() returns the descriptors for this process", () => {
  const variables = { LISTEN_PID: `${PID}`, LISTEN_FDS: "3", LISTEN_FDNAMES: "nflog-1:nflog-2" };
  assertEquals(environmentOf(variables).descriptors, [
    { name: "nflog-1", descriptor: 3 },
    { name: "nflog-2", descriptor: 4 },
    { name: "", descriptor: 5 },
  ]);
  assertEquals(environmentOf({ ...variables, LISTEN_PID: "1" }).descriptors, []);
  assertEquals(environmentOf({ LISTEN_FDS: "3" }).descriptors, []);
  assertEquals(environmentOf({ ...variables, LISTEN_FDS: "-1" }).descriptors, []);
  assertEquals(environmentOf({ ...variables, LISTEN_FDS: "99999999" }).descriptors.length, 1024);
});

Deno.test("serviceEnvironment() returns the size of the descriptor store", () => {
  assertEquals(environmentOf({ FDSTORE: "16" }).storeSize, 16);
});
