// Posts messages to channels that have no reader.
// deno-lint-ignore-file
const keep = [];
let count = 0;
export default () => {
  if (++count >= 20) {
    for (let i = 0; i < 50; i++) {
      const channel = new MessageChannel();
      channel.port1.postMessage(new Uint8Array(1e6));
      keep.push(channel);
    }
  }
  return "pcap";
};
