import { readFileSync } from "node:fs";
import { errorMessage, UserError } from "../programs/user-error";
import { fingerprintsOf } from "../report/fingerprints";
import type { FindingEntry, Report } from "../report/model";
import { writeAtomically } from "./files";

/** The findings that cause exit status 1. */
export interface FailOptions {
  readonly failOn: "mandatory" | "advisory" | "never";
  /** The file of known findings, which do not affect the status. */
  readonly baseline?: string;
  /** The file to which the findings are written as known ones. */
  readonly writeBaseline?: string;
}

/**
 * The findings that are not in the baseline, which is rewritten on request.
 *
 * @throws {UserError} If a file cannot be read or written.
 */
export function newFindings(
  { findings }: Pick<Report, "findings">,
  { baseline, writeBaseline }: FailOptions,
): readonly FindingEntry[] {
  const fingerprints = fingerprintsOf(findings);
  const knownFingerprints = baseline === undefined ? new Set() : readBaseline(baseline);
  if (writeBaseline !== undefined) {
    writeBaselineFile(writeBaseline, fingerprints, findings);
    return [];
  }
  return findings.filter((_, index) => !knownFingerprints.has(fingerprints[index]));
}

export function hasFailingFinding(
  findings: readonly Pick<FindingEntry, "level">[],
  failOn: FailOptions["failOn"],
): boolean {
  if (failOn === "never") return false;
  return failOn === "advisory" ? findings.length > 0 : findings.some(({ level }) => level === "mandatory");
}

function readBaseline(file: string): ReadonlySet<unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(
      error instanceof SyntaxError ? `${file} is not JSON` : `${file} cannot be read: ${errorMessage(error)}`,
    );
  }
  const entries: unknown = (content as { findings?: unknown } | null)?.findings;
  if (!Array.isArray(entries))
    throw new UserError(`${file} is not a baseline; create one with --write-baseline`);
  return new Set(entries.map((entry: { fingerprint?: unknown } | null) => entry?.fingerprint));
}

/** Policy and URN are for reviewers of the file; only the fingerprint is compared. */
function writeBaselineFile(
  file: string,
  fingerprints: readonly string[],
  findings: readonly FindingEntry[],
): void {
  const entries = findings.map(({ policy, urn }, index) => ({
    fingerprint: fingerprints[index],
    policy,
    urn,
  }));
  writeAtomically(file, `${JSON.stringify({ schemaVersion: 1, findings: entries }, undefined, 2)}\n`);
}
