import type { Drift } from "../account";
import type { PlannedResource } from "../engine/model";
import { describeDrift } from "../messages/drift";
import { compareText } from "../stack/pulumi/keys";
import type { DriftEntry, Report } from "./model";
import { sourcesOf } from "./sources";

/** The rule id of drift in formats that require one; no policy has this name. */
export const DRIFT_RULE = "drift";

/** The maximum number of entries in readable formats; the JSON has all. */
export const MAX_DRIFT = 50;

/** The differences between account data and states, in order. */
export function driftEntries(
  drift: readonly Drift[],
  resources: readonly PlannedResource[],
): Pick<Report, "drift"> {
  if (drift.length === 0) return {};
  const sources = sourcesOf(resources);
  const entries = drift.map((drift): DriftEntry => {
    const source = sources(drift.urn);
    return {
      urn: drift.urn,
      name: drift.urn.split("::").slice(3).join("::"),
      message: describeDrift(drift),
      ...(source === undefined ? {} : { source }),
    };
  });
  const key = ({ urn, message }: DriftEntry): string => `${urn}\n${message}`;
  return { drift: entries.sort((a, b) => compareText(key(a), key(b))) };
}
