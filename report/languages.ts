import type { PlannedResource } from "../engine/model";
import { type Language, type LanguageOf, languageOfRuntime } from "../messages";
import { stackKey, stackOfUrn } from "../stack/pulumi/urns";

/** The runtimes of programs with files of these names. */
const RUNTIMES: readonly (readonly [pattern: RegExp, runtime: string])[] = [
  [/\.[cm]?[jt]sx?$/, "nodejs"],
  [/\.py$/, "python"],
  [/\.go$/, "go"],
  [/(^|\/)(Pulumi|Main)\.ya?ml$/, "yaml"],
];

/** A stack whose program has a known runtime. */
export interface KnownRuntime {
  readonly project: string;
  readonly stack: string;
  readonly runtime: string;
}

/** The languages of the stacks' programs, from the given runtimes, else from the files that declare resources. */
export function languagesOf(
  resources: readonly PlannedResource[],
  runtimes: readonly KnownRuntime[],
): LanguageOf {
  const languages = new Map<string, Language>(
    runtimes.map(({ project, stack, runtime }) => [stackKey({ project, stack }), languageOfRuntime(runtime)]),
  );
  for (const { urn, source } of resources) {
    const stack = stackKey(stackOfUrn(urn));
    if (source === undefined || languages.has(stack)) continue;
    const runtime = RUNTIMES.find(([pattern]) => pattern.test(source.file))?.[1];
    languages.set(stack, languageOfRuntime(runtime));
  }
  return (urn) => languages.get(stackKey(stackOfUrn(urn))) ?? "json";
}
