// Loaded into a command's process: prints at its end what it used.
process.channel.unref();
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 });
});
