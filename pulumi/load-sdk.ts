/**
 * Loads Pulumi's policy SDK without what it loads for functions that programs serialize, and policy packs do not:
 * npm's arborist takes 0.2 s, a fifth of the boot, and TypeScript as much, where the engine has not loaded it. Each is
 * loaded when something of it is first used.
 * https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/closure/codePaths.ts
 */
import Module, { createRequire } from "node:module";

const FOR_FUNCTIONS = ["@npmcli/arborist", "typescript"];

/** Runs what loads the SDK. What is elsewhere than expected, or is loaded already, stays as it is. */
export function withoutClosures(load: () => unknown): void {
  const deferred = modulesOfSdk().filter(({ filename }) => !(filename in require.cache));
  for (const module of deferred) require.cache[module.filename] = module;
  try {
    load();
  } finally {
    deferred.forEach(release);
  }
}

/** Whoever else asks for it gets the module itself. */
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

/** As the exports of a translated ECMAScript module they are taken as they are, in place of being copied. */
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
