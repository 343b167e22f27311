import { isUnknown, type PolicySource } from "../iam";
import type { Api, StackFacts } from "../stack";
import { controlPoliciesFrom } from "./control-policies";
import type { AccountData } from "./data";
import { datedLabel } from "./labels";
import { isOfAccount } from "./resource";

interface Labeled {
  readonly label: string;
  readonly key?: string;
}

/** The facts, with the date of account data in the evidence of its documents. */
export function withDates(
  facts: StackFacts,
  { asOf, namedResources, organizations }: AccountData,
): StackFacts {
  const label = <T extends Labeled>(source: T): T => {
    const day = source.key === undefined ? undefined : asOf.get(source.key);
    return day === undefined ? source : { ...source, label: datedLabel(source.label, day) };
  };
  const dayOf = (urn: string): { readonly asOf?: string } => {
    const day = asOf.get(urn);
    return day === undefined ? {} : { asOf: day };
  };
  const controlOf = controlPoliciesFrom(organizations, facts);
  const { routes = facts.routes, ...withPolicies } = policiesOfApis(facts, label);
  return {
    ...facts,
    ...withPolicies,
    // Where every principal is evaluated, so is every route.
    routes:
      namedResources === "everything" ? routes.map(({ fromAccountData: _, ...route }) => route) : routes,
    ...(controlOf === undefined ? {} : { controlPoliciesOf: controlOf }),
    principals: facts.principals.map((principal) => ({
      ...principal,
      ...dayOf(principal.urn),
      ...controlOf?.(principal),
      sources: principal.sources.map(label),
      ...(principal.boundary === undefined ? {} : { boundary: label(principal.boundary) }),
      ...(principal.trust !== undefined && "label" in principal.trust
        ? { trust: label(principal.trust) }
        : {}),
    })),
    functionPolicies: facts.functionPolicies.map((policy) =>
      isOfAccount(policy.urn)
        ? {
            ...policy,
            source: label({
              key: policy.urn,
              ...policy.source,
              document: withoutInvalidity(policy.source.document),
            }),
          }
        : policy,
    ),
  };
}

/**
 * A function's policy whose statements all belong to the stack becomes empty; it is not an invalid document but
 * contributes nothing.
 */
function withoutInvalidity(document: PolicySource["document"]): PolicySource["document"] {
  return isUnknown(document) || document.statements.length > 0
    ? document
    : { ...document, opaque: undefined, problems: [] };
}

/** Every part of an API has a reference to it: each API gets its policies once. */
function policiesOfApis(facts: StackFacts, label: <T extends Labeled>(source: T) => T): Partial<StackFacts> {
  const datedApis = new Map<Api, Api>(
    facts.apis
      .filter(({ urn, policies }) => isOfAccount(urn) && policies.length > 0)
      .map((api) => [api, { ...api, policies: api.policies.map(label) }]),
  );
  if (datedApis.size === 0) return {};
  const complete = <T extends { readonly api: Api }>(entry: T): T => {
    const api = datedApis.get(entry.api);
    return api === undefined ? entry : { ...entry, api };
  };
  return {
    apis: facts.apis.map((api) => datedApis.get(api) ?? api),
    routes: facts.routes.map(complete),
    authorizers: facts.authorizers.map(complete),
    apiCalls: facts.apiCalls.map(complete),
    serviceIntegrations: facts.serviceIntegrations.map(complete),
    deployments: facts.deployments.map(complete),
    routeResources: facts.routeResources.map(complete),
  };
}
