// Loaded into a command's process: tells at its end what it has used.
process.channel.unref();
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 });
});
