import { strictEqual } from "node:assert";
import { isSameStack, reachableFrom } from "../../pulumi/same-resources";
import type { SeenResource } from "../../stack";

const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy") as {
  unknownCheckingProxy<T extends object>(bag: T): T;
  unknownStringValue: string;
};

type Mutable = { -readonly [Property in keyof SeenResource]: SeenResource[Property] };

interface Sample {
  readonly network: Mutable;
  readonly role: Mutable;
  readonly permission: Mutable;
  /** Not in the list of the stack. */
  readonly outside: Mutable;
}

/** The objects behind the proxies, which changes are made to. */
interface Data {
  readonly permission: Record<string, unknown>;
  readonly network: Record<string, unknown>;
  readonly provider: Record<string, unknown>;
}

type Change = (sample: Sample, data: Data) => unknown;

function stackWith(change: Change): readonly SeenResource[] {
  const urn = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
  const data: Data = {
    permission: {
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: unknownStringValue,
      nested: { list: [1, { deep: unknownStringValue }] },
    },
    network: { arn: "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1" },
    provider: { region: "eu-west-1" },
  };
  const resource = (type: string, name: string, props: object): Mutable => ({
    type,
    name,
    urn: urn(type, name),
    props: unknownCheckingProxy(props),
    opts: { ignoreChanges: [] },
    provider: {
      type: "pulumi:providers:aws",
      name: "aws",
      urn: urn("pulumi:providers:aws", "aws"),
      props: unknownCheckingProxy(data.provider),
    },
    dependencies: [],
    propertyDependencies: {},
  });
  const network = resource("aws:ec2/vpc:Vpc", "photos", data.network);
  const role = resource("aws:iam/role:Role", "orders", {});
  const permission = resource("aws:lambda/permission:Permission", "orders", data.permission);
  const outside = resource("aws:lambda/function:Function", "elsewhere", { handler: "index.handler" });
  permission.parent = role;
  permission.dependencies = [role, outside];
  permission.propertyDependencies = { sourceArn: [network], function: [outside] };
  change({ network, role, permission, outside }, data);
  return [network, role, permission];
}

const isSame = (change: Change, withAccountData = false): boolean =>
  isSameStack(reachableFrom(stackWith(() => undefined)), reachableFrom(stackWith(change)), withAccountData);

describe("stacks that are deserialized twice", () => {
  const same: Record<string, Change> = {
    "no change": () => undefined,
    "another property of a resource that is not read": (_, data) =>
      Object.assign(data.network, { acl: "private" }),
  };
  for (const [label, change] of Object.entries(same))
    it(`are the same with ${label}`, () => strictEqual(isSame(change), true));

  it("differ in any property if account data is read", () => {
    strictEqual(
      isSame(() => undefined, true),
      true,
    );
    strictEqual(
      isSame((_, data) => Object.assign(data.network, { acl: "private" }), true),
      false,
    );
  });

  const different: Record<string, Change> = {
    "another URN": ({ network }) => Object.assign(network, { urn: `${network.urn}-2` }),
    "another name": ({ network }) => Object.assign(network, { name: `${network.name}-2` }),
    "another type": ({ role }) => Object.assign(role, { type: "aws:iam/user:User" }),
    "another property": (_, data) => Object.assign(data.permission, { principal: "s3.amazonaws.com" }),
    "an added property": (_, data) => Object.assign(data.permission, { qualifier: undefined }),
    "a removed property": (_, data) => delete data.permission.principal,
    "a renamed property": (_, data) => {
      delete data.permission.sourceArn;
      data.permission.sourceAccount = undefined;
    },
    "a known value instead of an unknown one": (_, data) =>
      Object.assign(data.permission, { sourceArn: "*" }),
    "another nested value": (_, data) =>
      Object.assign(data.permission, { nested: { list: [1, { deep: "x" }] } }),
    "an object instead of an array": (_, data) =>
      Object.assign(data.permission, { nested: { list: { 0: 1, 1: { deep: unknownStringValue } } } }),
    "properties without the SDK's proxy": ({ permission }, data) =>
      Object.assign(permission, { props: { ...data.permission, principal: "s3.amazonaws.com" } }),
    "another region": (_, data) => Object.assign(data.provider, { region: "eu-west-2" }),
    "no provider": ({ permission }) => delete permission.provider,
    "ignored changes": ({ permission }) => Object.assign(permission, { opts: { ignoreChanges: ["tags"] } }),
    "another parent": ({ permission, network }) => Object.assign(permission, { parent: network }),
    "no parent": ({ permission }) => delete permission.parent,
    "a dependency less": ({ permission, role }) => Object.assign(permission, { dependencies: [role] }),
    "a property with a dependency less": ({ permission, outside }) =>
      Object.assign(permission, { propertyDependencies: { function: [outside] } }),
    "dependencies of another property": ({ permission, network, outside }) =>
      Object.assign(permission, { propertyDependencies: { principal: [network], function: [outside] } }),
    "another resource that is referred to": ({ outside }) =>
      Object.assign(outside, { props: unknownCheckingProxy({ handler: "other.handler" }) }),
    "a resource with the same URN in its place": ({ permission, role, outside }) =>
      Object.assign(permission, { dependencies: [{ ...role }, outside] }),
    "circular properties": (_, data) => Object.assign(data.permission, { nested: data.permission }),
  };
  for (const [label, change] of Object.entries(different))
    it(`differ with ${label}`, () => strictEqual(isSame(change), false));

  it("are the same with equal properties without the SDK's proxy, and differ with circular ones", () => {
    const plain: Change = ({ permission }, data) => Object.assign(permission, { props: data.permission });
    strictEqual(isSame(plain), true);
    const circular = (): readonly SeenResource[] =>
      stackWith((_, data) => Object.assign(data.permission, { nested: data.permission }));
    strictEqual(isSameStack(reachableFrom(circular()), reachableFrom(circular()), false), false);
  });

  it("differ with a resource more or less", () => {
    const all = stackWith(() => undefined);
    for (const other of [all.slice(1), [...all, ...all.slice(0, 1)], []])
      strictEqual(isSameStack(reachableFrom(all), reachableFrom(other), false), false);
  });
});
