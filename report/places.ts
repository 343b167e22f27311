import { stackKey, stackOfUrn } from "../stack/pulumi/urns";
import type { FindingEntry, Input, Report } from "./model";

/** The position of a finding: a path from the root of the repository, and a line where one is known. */
export interface FindingPlace {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The positions of findings in the repository.
 *
 * @param fileOf the file of the repository that represents an input, as a path from the repository's root with `/`; the
 * files of a program are relative to its folder
 */
export function placesOf(
  { inputs }: Pick<Report, "inputs">,
  fileOf: (input: Input) => string,
): (finding: Pick<FindingEntry, "urn" | "source">) => FindingPlace {
  const files = new Map(inputs.map((input) => [stackKey(input), fileOf(input)]));
  const [first = ""] = files.values();
  return ({ urn, source }) => {
    const projectFile = files.get(stackKey(stackOfUrn(urn))) ?? first;
    if (source === undefined) return { path: projectFile };
    const { file, ...position } = source;
    return { path: `${projectFile.slice(0, projectFile.lastIndexOf("/") + 1)}${file}`, ...position };
  };
}
