import { assertEquals } from "@std/assert";
import { isOfSystem, isShared, mustStay } from "../../src/text/system_folders.ts";

Deno.test("isOfSystem() knows the system's folders in any spelling", () => {
  const own = "/ /etc /etc/cron.d /usr/bin /lib64/x /boot/a /proc/1 /sys/a /dev/null //etc/z " +
    "/srv/x/../../etc/y /./usr//lib/ /dev /var/../etc/systemd/system";
  for (const path of own.split(" ")) assertEquals(isOfSystem(path), true, path);
  for (const path of "/srv /etcetera/x /var/log/etc /data/usr/x /dev/shm/x".split(" ")) {
    assertEquals(isOfSystem(path), false, path);
  }
});

Deno.test("isShared() knows folders of many programs, and homes", () => {
  for (const path of "/ /srv /tmp/ /var/log /var/lib/ /home/me /run/user/7 /dev/shm".split(" ")) {
    assertEquals([isShared(path), mustStay(path)], [true, true], path);
  }
  for (const path of "/srv/fw /tmp/x /var/log/ulog /home/me/fw /run/nfscribe".split(" ")) {
    assertEquals([isShared(path), mustStay(path)], [false, false], path);
  }
});
