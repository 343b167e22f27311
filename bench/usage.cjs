// Loaded into a pack's process: prints what the process has used so far, on any system.
process.on("message", (message) => {
  // An orderly end is what `node --cpu-prof` writes its profile at.
  if (message === "stop") process.exit();
  const { user, system } = process.cpuUsage();
  process.send({ cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 });
});
