/** Makes a filter that tries everything at its fifth packet, and logs what it got. */
export const filterOf = (attempts) => {
  let count = 0;
  return async (_packet, context) => {
    if (++count !== 5) return "pcap";
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        const got = await attempt();
        if (got !== undefined) context.log(`GOT ${name}: ${String(got).slice(0, 200)}`);
      } catch (error) {
        void error;
      }
    }
    context.log("done");
    return "pcap";
  };
};
