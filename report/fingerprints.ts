import { createHash } from "node:crypto";
import type { FindingEntry } from "./model";

/**
 * An identity that stays the same when a message changes, so that an alert keeps its history: the policy and the
 * resource, with a number where a policy has several findings on one resource.
 */
export function fingerprintsOf(findings: readonly Pick<FindingEntry, "policy" | "urn">[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ policy, urn }) => {
    const digest = createHash("sha256")
      .update(JSON.stringify([policy, urn]))
      .digest("hex")
      .slice(0, 32);
    const number = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, number);
    return `${digest}:${number}`;
  });
}
