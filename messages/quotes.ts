import type { Quote, QuotedCondition, QuotedElement, QuotedPrincipal } from "../iam";

/** The parts of a policy that may be quoted. */

const HIDDEN: { readonly [Code in Exclude<Quote, string>["hidden"]]: string } = {
  "not-arn": "(not an ARN)",
  "not-action": "(not an action)",
  "not-operator": "(not an operator)",
  "not-key": "(not a condition key)",
  "not-service": "(not a service)",
  "no-value": "(a variable without value)",
  unknown: "(unknown)",
  federated: "(federated)",
  canonical: "(canonical)",
};

export function showQuote(quote: Quote): string {
  return typeof quote === "string" ? quote : HIDDEN[quote.hidden];
}

/** `lambda:GetFunction`, `all except arn:aws:lambda:…` */
export function showElement({ not, patterns }: QuotedElement): string {
  const patternList = patterns.length === 0 ? "nothing" : patterns.map(showQuote).join(", ");
  return not ? `all except ${patternList}` : patternList;
}

/** `ArnLike aws:SourceArn arn:aws:execute-api:…` */
export function showCondition({ operator, key, arns }: QuotedCondition): string {
  const condition = `${showQuote(operator)} ${showQuote(key)}`;
  return arns.length === 0 ? condition : `${condition} ${arns.map(showQuote).join(" or ")}`;
}

export function showQuotedPrincipal(principal: QuotedPrincipal): string {
  return principal.kind === "anonymous" ? "an anonymous request" : principal.name;
}
