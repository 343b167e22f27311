import { type Condition, isUnknown, type PolicyDocument, type Source, type Text } from "../../iam";
import { cached } from "../../stack/pulumi/keys";

/**
 * The statements of a function's resource policy, found by the source ARNs that they name: a function that serves many
 * routes has a permission for each, and one of them is for the route in question.
 */
export class SourceArns {
  private readonly byEnd = new Map<string, Set<Source>>();
  /** Those that may be for any source ARN, each document once: what is said twice counts once. */
  private readonly others: Source[] = [];

  constructor(private readonly sources: readonly Source[]) {
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
      this.others.push(source);
    }
  }

  /** The sources that decide on a source ARN; the others certainly have no part in it. */
  decidingOn(sourceArn: Text): readonly Source[] {
    if (this.byEnd.size === 0 && this.others.length === this.sources.length) return this.sources;
    const end = endOf(sourceArn);
    if (end === undefined) return this.sources;
    return [...(this.byEnd.get(end) ?? []), ...this.others];
  }
}

/** What follows the last slash, where that is shown. */
function endOf(arn: Text): string | undefined {
  const last = arn[arn.length - 1];
  if (typeof last !== "string" || !last.includes("/")) return undefined;
  return last.slice(last.lastIndexOf("/") + 1);
}

/** The ends of all source ARNs that a source is for; `undefined` where it may be for others. */
function endsOf({ document, possible }: Source): readonly string[] | undefined {
  if (isUnknown(document) || document.opaque !== undefined || possible !== undefined) return undefined;
  const ends: string[] = [];
  for (const { conditions } of document.statements) {
    const named = conditions.map(endsNamedBy).find((found) => found !== undefined);
    if (named === undefined) return undefined;
    ends.push(...named);
  }
  return ends;
}

const EXACT: ReadonlySet<Condition["family"]> = new Set(["Arn", "String", "StringLike"]);

function endsNamedBy({ key, family, negated, values }: Condition): readonly string[] | undefined {
  if (key !== "aws:sourcearn" || negated || !EXACT.has(family)) return undefined;
  const ends: string[] = [];
  for (const { text, pattern, arn } of values) {
    const end = endOf(text);
    if (end === undefined || pattern === undefined || arn?.refused || /[*?$]/.test(end)) return undefined;
    ends.push(end);
  }
  return ends.length === 0 ? undefined : ends;
}
