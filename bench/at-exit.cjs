// Loaded into the process of a command: reports its processor time and memory when it exits.
process.channel.unref();
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 });
});
