/**
 * Loads Pulumi's policy SDK without modules that it needs only to serialize functions of programs, which policy packs
 * never do: npm's arborist takes 0.2 s, a fifth of the boot, and TypeScript as much, where the engine has not loaded
 * it. Each is loaded on first use.
 * https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/closure/codePaths.ts
 */
import Module, { createRequire } from "node:module";

const FOR_FUNCTIONS = ["@npmcli/arborist", "typescript"];

/** Runs a function that loads the SDK. Modules elsewhere than expected, or already loaded, are not changed. */
export function withoutClosures(load: () => unknown): void {
  const unloadedModules = modulesOfSdk().filter(({ filename }) => !(filename in require.cache));
  for (const module of unloadedModules) require.cache[module.filename] = module;
  try {
    load();
  } finally {
    unloadedModules.forEach(release);
  }
}

/** Other importers get the module itself. */
function release(module: Module): void {
  if (require.cache[module.filename] === module) delete require.cache[module.filename];
}

function modulesOfSdk(): readonly Module[] {
  try {
    const ofPolicies = createRequire(require.resolve("@pulumi/policy"));
    const ofSdk = createRequire(ofPolicies.resolve("@pulumi/pulumi/package.json"));
    return FOR_FUNCTIONS.flatMap((name) => deferredModule(name, ofSdk));
  } catch {
    return [];
  }
}

function deferredModule(name: string, ofSdk: NodeJS.Require): readonly Module[] {
  try {
    const filename = ofSdk.resolve(name);
    const module = Object.assign(new Module(filename), { filename, loaded: true });
    module.exports = deferredExports(() => {
      release(module);
      return ofSdk(filename);
    });
    return [module];
  } catch {
    return [];
  }
}

/** Like the exports of a compiled ECMAScript module, they are used directly instead of being copied. */
function deferredExports(load: () => object): object {
  let exports: object | undefined;
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name === "__esModule") return true;
        exports ??= load();
        return name === "default" ? exports : Reflect.get(exports, name);
      },
    },
  );
}

withoutClosures(() => require("@pulumi/policy"));
