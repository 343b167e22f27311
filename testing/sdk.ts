/**
 * The copy of `@pulumi/pulumi` that a program uses. A project and this pack may each have one, of different versions; a
 * program runs in the runtime of its copy, and a resource that it declares with another copy would be lost.
 */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { Properties } from "../engine/values";
import type { EmptyMessage, StructClass } from "../engine/wire";

/** The state that `@pulumi/pulumi` keeps for the running program. */
export interface Store {
  settings: { engine: unknown; monitor: unknown };
  /** Promises that, if pending at the end of the process, are reported as leaks and fail it. */
  leakCandidates: Set<unknown>;
  /** The server of the program's transforms, once it has any. */
  callbacks?: { shutdown(): void } | undefined;
}

/** The module that keeps the state. Earlier versions export the storage itself instead of a function that uses it. */
interface State {
  getStore(): Store;
  withLocalStorage?<T>(callback: () => Promise<T>): Promise<T>;
  LocalStore: new () => Store;
  asyncLocalStorage?: { run<T>(store: Store, callback: () => Promise<T>): Promise<T> };
}

/** The messages of a copy of Pulumi's SDK, which accepts no others. */
export interface Messages {
  resource: typeof import("@pulumi/pulumi/proto/resource_pb");
  provider: typeof import("@pulumi/pulumi/proto/provider_pb");
  toStruct(properties: Properties): InstanceType<StructClass>;
  empty(): EmptyMessage;
  /** The services of a server for these messages; the copy of the SDK checks the class of each response. */
  services(): typeof import("@pulumi/pulumi/proto/resource_grpc_pb");
}

/** A copy of Pulumi's SDK. */
export interface Sdk extends Messages {
  folder: string;
  /** Its exports, including those without types. */
  runtime: typeof import("@pulumi/pulumi/runtime") & { waitForRPCs(): Promise<void> };
  /** Runs a program separately from all others. */
  isolated<T>(program: (store: Store) => Promise<T>): Promise<T>;
}

const folders = new WeakMap<object, string>();

/** Remembers the folder a program is loaded from. */
export function rememberFolder<T extends object>(folder: string, program: T): T {
  folders.set(program, folder);
  return program;
}

/**
 * The copy that a program uses: the one that its folder resolves to; for a function, the loaded copy, or, if several
 * are loaded, that of the current folder.
 *
 * @throws If several copies are loaded and the program's cannot be determined.
 */
export function sdkOf(program: object, givenFolder?: string): Sdk {
  const packCopy = copyResolvedFrom(__dirname);
  if (packCopy === undefined) throw new Error("there is no @pulumi/pulumi");
  const folder = givenFolder ?? folders.get(program);
  if (folder !== undefined) {
    const copy = copyResolvedFrom(folder);
    if (copy === undefined && givenFolder !== undefined)
      throw new Error(`there is no @pulumi/pulumi resolved from ${givenFolder}`);
    return sdkIn(copy ?? packCopy);
  }
  const loaded = loadedCopies();
  const otherCopies = loaded.filter((copy) => copy !== packCopy);
  const currentCopy = copyResolvedFrom(process.cwd());
  if (currentCopy !== undefined && (otherCopies.length === 0 || loaded.includes(currentCopy)))
    return sdkIn(currentCopy);
  const [only, ...more] = otherCopies;
  if (more.length === 0) return sdkIn(only ?? packCopy);
  throw new Error(
    `several copies of @pulumi/pulumi are loaded; set the option "sdk" to the folder of the program: ${loaded.join(", ")}`,
  );
}

const copiesByFolder = new Map<string, string>();

/** The result is kept if a copy is found; otherwise one may still be installed. */
function copyResolvedFrom(folder: string): string | undefined {
  const existing = copiesByFolder.get(folder);
  if (existing !== undefined) return existing;
  try {
    const copy = dirname(createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/package.json"));
    copiesByFolder.set(folder, copy);
    return copy;
  } catch {
    return undefined;
  }
}

const SETTINGS = `${sep}${join("@pulumi", "pulumi", "runtime", "settings.js")}`;

function loadedCopies(): string[] {
  return Object.keys(require.cache)
    .filter((file) => file.endsWith(SETTINGS))
    .map((file) => dirname(dirname(file)));
}

const sdks = new Map<string, Sdk>();

function sdkIn(folder: string): Sdk {
  const existing = sdks.get(folder);
  if (existing !== undefined) return existing;
  const load = createRequire(join(folder, "package.json"));
  const struct: { Struct: StructClass } = load("google-protobuf/google/protobuf/struct_pb");
  const empty: { Empty: new () => EmptyMessage } = load("google-protobuf/google/protobuf/empty_pb");
  const sdk: Sdk = {
    folder,
    runtime: load("./index.js").runtime,
    isolated: (program) => isolated(stateOf(folder), folder, program),
    resource: load("./proto/resource_pb"),
    provider: load("./proto/provider_pb"),
    toStruct: (properties) => struct.Struct.fromJavaScript(properties as { [key: string]: never }),
    empty: () => new empty.Empty(),
    services: () => load("./proto/resource_grpc_pb"),
  };
  sdks.set(folder, sdk);
  return sdk;
}

function isolated<T>(state: State, folder: string, program: (store: Store) => Promise<T>): Promise<T> {
  const run = (): Promise<T> => rejectingOtherCopies(folder, state.getStore(), program);
  if (state.withLocalStorage !== undefined) return state.withLocalStorage(run);
  if (state.asyncLocalStorage !== undefined) return state.asyncLocalStorage.run(new state.LocalStore(), run);
  throw new Error(`the version of @pulumi/pulumi in ${folder} cannot isolate programs from each other`);
}

/**
 * Copies of similar versions share their state; a resource that is declared with any other copy would be lost
 * without a message. So the monitor of another copy rejects requests, and a copy that the program itself has loaded is
 * an error.
 */
async function rejectingOtherCopies<T>(
  folder: string,
  store: Store,
  program: (store: Store) => Promise<T>,
): Promise<T> {
  const foreignCopies = (): string[] =>
    loadedCopies().filter((copy) => copy !== folder && !sharesState(copy, store));
  const existing = foreignCopies();
  const settings = existing.map((copy): { getMonitor: unknown } =>
    createRequire(join(copy, "package.json"))("./runtime/settings"),
  );
  const originals = settings.map(({ getMonitor }) => getMonitor);
  const stores = existing.map((copy) => stateOf(copy).getStore());
  const pending = stores.map(({ leakCandidates }) => new Set(leakCandidates));
  settings.forEach((setting, index) => {
    setting.getMonitor = () => {
      throw new Error(twoCopies(folder, existing[index] ?? ""));
    };
  });
  try {
    const result = await program(store);
    const loaded = foreignCopies().find((copy) => !existing.includes(copy));
    if (loaded !== undefined) throw new Error(twoCopies(folder, loaded));
    return result;
  } finally {
    settings.forEach((setting, index) => {
      setting.getMonitor = originals[index];
    });
    // The pending promises of the rejected resource are not a leak of the process.
    stores.forEach(({ leakCandidates }, index) => {
      for (const leakCandidate of leakCandidates)
        if (!pending[index]?.has(leakCandidate)) leakCandidates.delete(leakCandidate);
    });
  }
}

function sharesState(folder: string, store: Store): boolean {
  return stateOf(folder).getStore() === store;
}

function stateOf(folder: string): State {
  return createRequire(join(folder, "package.json"))("./runtime/state");
}

function twoCopies(first: string, second: string): string {
  return `the program uses two copies of @pulumi/pulumi that do not share state, ${first} and ${second}: install one version, or give the program's folder as the option "sdk"`;
}
