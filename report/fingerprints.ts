import { createHash } from "node:crypto";
import type { FindingEntry } from "./model";

/**
 * Fingerprints do not depend on messages, so that an alert keeps its history when a message changes: they consist of the
 * policy, the resource, and a number if a policy has several findings on one resource.
 */
export function fingerprintsOf(findings: readonly Pick<FindingEntry, "policy" | "urn">[]): readonly string[] {
  const countByDigest = new Map<string, number>();
  return findings.map(({ policy, urn }) => {
    const digest = createHash("sha256")
      .update(JSON.stringify([policy, urn]))
      .digest("hex")
      .slice(0, 32);
    const number = (countByDigest.get(digest) ?? 0) + 1;
    countByDigest.set(digest, number);
    return `${digest}:${number}`;
  });
}
