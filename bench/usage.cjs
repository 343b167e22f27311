// Loaded into the process of a pack: reports its processor time and memory on request, on any operating system.
process.on("message", (message) => {
  // `node --cpu-prof` writes its profile only at an orderly end.
  if (message === "stop") process.exit();
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 });
});
