import { type Condition, isUnknown, type PolicyDocument, type PolicySource, type Text } from "../../iam";
import { cached } from "../../stack/pulumi/keys";

/**
 * The statements of a function's resource policy, by the source ARNs that they name: a function with many routes has a
 * permission for each, and only one of them applies to a given route.
 */
export class SourceArns {
  private readonly byEnd = new Map<string, Set<PolicySource>>();
  /** The sources that may apply to any source ARN, without duplicate documents. */
  private readonly forAnyArn: PolicySource[] = [];

  constructor(private readonly sources: readonly PolicySource[]) {
    const seen = new Set<PolicyDocument>();
    for (const source of sources) {
      const ends = endsOf(source);
      if (ends !== undefined) {
        for (const end of ends) cached(this.byEnd, end, () => new Set()).add(source);
        continue;
      }
      const { document } = source;
      if (!isUnknown(document) && source.mayNotApply === undefined && source.possible === undefined) {
        if (seen.has(document)) continue;
        seen.add(document);
      }
      this.forAnyArn.push(source);
    }
  }

  /** The sources that may decide on a source ARN; the others certainly do not. */
  decidingOn(sourceArn: Text): readonly PolicySource[] {
    if (this.byEnd.size === 0 && this.forAnyArn.length === this.sources.length) return this.sources;
    const end = endOf(sourceArn);
    if (end === undefined) return this.sources;
    return [...(this.byEnd.get(end) ?? []), ...this.forAnyArn];
  }
}

/** The part after the last slash, where that is known. */
function endOf(arn: Text): string | undefined {
  const last = arn[arn.length - 1];
  if (typeof last !== "string" || !last.includes("/")) return undefined;
  return last.slice(last.lastIndexOf("/") + 1);
}

/** The last parts of all source ARNs that a source applies to; `undefined` where it may apply to others. */
function endsOf({ document, possible }: PolicySource): readonly string[] | undefined {
  if (isUnknown(document) || document.opaque !== undefined || possible !== undefined) return undefined;
  const ends: string[] = [];
  for (const { conditions } of document.statements) {
    const namedEnds = conditions.map(endsNamedBy).find((found) => found !== undefined);
    if (namedEnds === undefined) return undefined;
    ends.push(...namedEnds);
  }
  return ends;
}

const EXACT: ReadonlySet<Condition["family"]> = new Set(["Arn", "String", "StringLike"]);

function endsNamedBy({ key, family, negated, values }: Condition): readonly string[] | undefined {
  if (key !== "aws:sourcearn" || negated || !EXACT.has(family)) return undefined;
  const ends: string[] = [];
  for (const { text, pattern, arn } of values) {
    const end = endOf(text);
    if (end === undefined || pattern === undefined || arn?.isRefused || /[*?$]/.test(end)) return undefined;
    ends.push(end);
  }
  return ends.length === 0 ? undefined : ends;
}
