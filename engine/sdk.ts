/**
 * Loads Pulumi's policy SDK without what it has for writing out functions: TypeScript and a reader of `node_modules`, more
 * than half of the time and memory that it takes, which analyzing resources never needs. Whoever does need them gets them.
 */
import Module = require("node:module");

type Load = (this: unknown, request: string, parent: NodeModule | undefined, isMain: boolean) => unknown;

/** Node's own, which loaders of other languages replace as well. */
interface Loader {
  _load: Load;
  _resolveFilename(request: string, parent: NodeModule | undefined): string;
}

const FOR_FUNCTIONS: ReadonlySet<string> = new Set(["typescript", "@npmcli/arborist"]);
const SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;

/** Loads modules, and of those that only functions are written out with nothing until something of them is used. */
export function withoutFunctions<T>(load: () => T): T {
  const loader = Module as unknown as Partial<Loader>;
  const { _load, _resolveFilename } = loader;
  if (_load === undefined || _resolveFilename === undefined) return load();
  loader._load = function (request, parent, isMain) {
    const real = () => _load.call(this, request, parent, isMain);
    if (!FOR_FUNCTIONS.has(request) || !SDK.test(parent?.filename ?? "")) return real();
    // What is not installed is missed at once.
    _resolveFilename(request, parent);
    return lazily(real as () => object);
  };
  try {
    return load();
  } finally {
    loader._load = _load;
  }
}

/** Stands for a module, which is loaded when something of it is used. */
export function lazily(load: () => object): object {
  let loaded: object | undefined;
  const real = () => (loaded ??= load());
  return new Proxy(
    {},
    {
      // What TypeScript makes of an import asks for this, and copies what is no such module.
      get: (_, name) => (name === "__esModule" && loaded === undefined ? true : Reflect.get(real(), name)),
      set: (_, name, value) => Reflect.set(real(), name, value),
      has: (_, name) => Reflect.has(real(), name),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(real(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
}

withoutFunctions(() => require("@pulumi/policy/server"));
