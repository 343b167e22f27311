import { Worker } from "node:worker_threads";

/** How often the program's thread says that it is not caught in a loop, in milliseconds. */
const BEAT = 100;

/**
 * Another thread looks whether the program's thread still turns. A loop that never ends leaves it no way to end itself,
 * so it is stopped as a debugger would stop it, and the process ends there.
 * https://nodejs.org/api/inspector.html#sessionconnecttomainthread
 */
const THREAD = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { Session } = require("node:inspector");
const { beats, patience, status, message } = workerData;
const END = 'try { process.getBuiltinModule("node:fs").closeSync(2); } catch {} process.reallyExit(' + status + ')';
let last = 0;
let idle = 0;
// Not the clock: it goes on while the computer sleeps.
const watch = setInterval(() => {
  const now = Atomics.load(beats, 0);
  idle = now === last ? idle + ${BEAT} : 0;
  last = now;
  if (idle < patience) return;
  clearInterval(watch);
  writeSync(2, message + "\\n");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 2000);
  const session = new Session();
  session.connectToMainThread();
  session.on("Debugger.paused", ({ params }) => {
    const [{ callFrameId }] = params.callFrames;
    session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression: END });
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}, ${BEAT});
`;

/**
 * Does something, and ends the process with a status and a line on standard error if its thread is caught in a loop for
 * so many seconds.
 */
export async function watched<T>(
  {
    patience,
    status,
    message,
  }: { readonly patience: number; readonly status: number; readonly message: string },
  work: () => Promise<T>,
): Promise<T> {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { beats, patience: patience * 1_000, status, message },
  });
  worker.unref();
  const beat = setInterval(() => Atomics.add(beats, 0, 1), BEAT).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await worker.terminate();
  }
}
