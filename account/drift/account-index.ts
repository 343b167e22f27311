import { groupBy } from "../../stack";
import type { AccountData } from "../data";
import { type AccountResource, accountOf } from "../resource";
import type { ProviderPlace } from "./model";

/** A kind of IAM entity with policies, as in the names of Pulumi's resource types. */
export type PrincipalKind = "Role" | "User" | "Group";

export const FUNCTION_POLICY = "aws:lambda/resourcePolicy:ResourcePolicy";

const APIS = ["aws:apigateway/restApi:RestApi", "aws:apigatewayv2/api:Api"];

function byKey(
  resources: readonly AccountResource[],
  keyOf: (resource: AccountResource) => string,
): ReadonlyMap<string, readonly AccountResource[]> {
  return new Map(groupBy(resources, keyOf).map((group) => [keyOf(group[0]), group]));
}

/** Account data, indexed by the names that resources of a stack use. */
export class AccountIndex {
  private readonly byName: ReadonlyMap<string, readonly AccountResource[]>;
  private readonly byOwner: ReadonlyMap<string, readonly AccountResource[]>;

  private byFunction: ReadonlyMap<string, readonly AccountResource[]> | undefined;

  constructor(private readonly data: Pick<AccountData, "resources" | "completeLists" | "partial">) {
    this.byName = byKey(data.resources, ({ type, name }) => `${type} ${name}`);
    this.byOwner = byKey(data.resources, ({ type, owner }) => `${type} ${owner}`);
  }

  /** The resources with a name, in any account. */
  resourcesNamed(type: string, name: unknown): readonly AccountResource[] {
    return this.byName.get(`${type} ${name}`) ?? [];
  }

  /** The parts of the owner with an ARN or id. */
  partsOf(type: string, owner: unknown): readonly AccountResource[] {
    return this.byOwner.get(`${type} ${owner}`) ?? [];
  }

  /** The role, user or group with a name, where a resource of the provider can refer to no other. */
  principalNamed(
    kind: PrincipalKind,
    name: unknown,
    { accounts }: ProviderPlace,
  ): AccountResource | undefined {
    const [only, ...more] = this.resourcesNamed(`aws:iam/${kind.toLowerCase()}:${kind}`, name).filter(
      ({ owner }) => accounts.size === 0 || accounts.has(accountOf(owner)),
    );
    return more.length > 0 ? undefined : only;
  }

  /** A part of a role, user or group. */
  part(principal: AccountResource, type: string, partName: string): AccountResource | undefined {
    return this.partsOf(type, principal.owner).find(
      ({ name }) => name === `${principal.props.name}/${partName}`,
    );
  }

  /** The policies of functions with a name, and of their versions and aliases. */
  policiesOfFunctions(name: string): readonly AccountResource[] {
    this.byFunction ??= byKey(
      this.data.resources.filter(({ type }) => type === FUNCTION_POLICY),
      ({ props }) => String(props.name),
    );
    return this.byFunction.get(name) ?? [];
  }

  /** The name of an API. */
  nameOfApi(id: string): string {
    const [api] = APIS.flatMap((type) => this.partsOf(type, id));
    return api === undefined ? id : String(api.props.name);
  }

  /** One of the principals of a type in an account, where the list of them is complete. */
  anyOfCompleteList(account: string, kind: PrincipalKind): string | undefined {
    return this.data.completeLists.get(`${account} ${kind.toLowerCase()}`);
  }

  /** Whether a page of the parts of an API is missing. */
  isPartial(apiId: string): boolean {
    return this.data.partial.has(apiId);
  }
}
