import { Worker } from "node:worker_threads";

/** The interval at which the program's thread reports that its event loop is running, in milliseconds. */
const HEARTBEAT_INTERVAL = 100;

/**
 * Another thread checks whether the program's event loop still runs. An infinite loop cannot be interrupted from its
 * own thread, so it is stopped through the debugger protocol, and the process ends there.
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
// Not the clock, which continues while the computer sleeps.
const watch = setInterval(() => {
  const now = Atomics.load(beats, 0);
  idle = now === last ? idle + ${HEARTBEAT_INTERVAL} : 0;
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
}, ${HEARTBEAT_INTERVAL});
`;

/**
 * Calls a function, and ends the process with a status and a line on standard error if its thread is blocked for the
 * given number of seconds.
 */
export async function withWatchdog<T>(
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
  const beat = setInterval(() => Atomics.add(beats, 0, 1), HEARTBEAT_INTERVAL).unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await worker.terminate();
  }
}
