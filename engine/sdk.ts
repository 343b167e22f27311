/**
 * Loads Pulumi's policy SDK without the modules that it needs only to serialize functions: TypeScript and a reader of
 * `node_modules`, more than half of its time and memory, which analyzing resources never needs. Other importers still
 * get them.
 */
import Module = require("node:module");

type Load = (this: unknown, request: string, parent: NodeModule | undefined, isMain: boolean) => unknown;

/** Node's own loader, which loaders of other languages replace as well. */
interface Loader {
  _load: Load;
  _resolveFilename(request: string, parent: NodeModule | undefined): string;
}

const FOR_FUNCTIONS: ReadonlySet<string> = new Set(["typescript", "@npmcli/arborist"]);
const SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;

/** Loads modules, but those for serializing functions only on first use. */
export function withoutFunctions<T>(load: () => T): T {
  const loader = Module as unknown as Partial<Loader>;
  const { _load, _resolveFilename } = loader;
  if (_load === undefined || _resolveFilename === undefined) return load();
  loader._load = function (request, parent, isMain) {
    const real = () => _load.call(this, request, parent, isMain);
    if (!FOR_FUNCTIONS.has(request) || !SDK.test(parent?.filename ?? "")) return real();
    // A missing module is reported immediately.
    _resolveFilename(request, parent);
    return lazily(real as () => object);
  };
  try {
    return load();
  } finally {
    loader._load = _load;
  }
}

/** Represents a module, which is loaded on first use. */
export function lazily(load: () => object): object {
  let loaded: object | undefined;
  const real = () => (loaded ??= load());
  return new Proxy(
    {},
    {
      // An import compiled by TypeScript reads this property, and copies modules without it.
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
