/**
 * Simulated results of the data sources that programs use in addition to IAM policies. The account, the region and
 * policy documents have their real values; a looked-up function or role has the ARN it would have.
 */
import { dnsSuffix } from "../aws";
import { isObject, type Properties, sortedJson, UNKNOWN, type Value } from "../engine/values";
import { dataSourceTokens, isDataSource, isResource, resultOf } from "./aws/unlisted";
import {
  checkedInputs,
  createOutputs,
  type ProviderRequest,
  readOutputs,
  type SimulatedLocation,
} from "./aws-answers";

type DataSource = (args: Properties, place: SimulatedLocation) => Properties;

/** The result of a data source: some of its properties, or a function of its arguments that returns them. */
export type DataSourceAnswer = Properties | ((args: Properties) => Properties);

/**
 * The results that a test sets, by the name of the data source in a program (`aws.ec2.getSubnets`) or by its token
 * (`aws:ec2/getSubnets:getSubnets`).
 */
export type DataSourceAnswers = Readonly<Record<string, DataSourceAnswer>>;

/** Results by the names under which tokens are looked up. @throws If a name is not that of a data source. */
export function answersByName(answers: DataSourceAnswers): Map<string, DataSourceAnswer> {
  return new Map(
    Object.entries(answers).map(([key, answer]) => {
      const name = key.includes(":") ? nameOf(key) : key;
      if (!/^[\w-]+(\.\w+)*\.\w+$/.test(name))
        throw new Error(`answers: '${key}' is not a data source; write it as 'aws.ec2.getSubnets'`);
      if (name.startsWith("aws.") && !NAMES.has(name))
        throw new Error(`answers: AWS's provider has no data source '${key}'`);
      return [name, answer];
    }),
  );
}

/** `aws:ec2/getSubnets:getSubnets` as `aws.ec2.getSubnets`; the module `index` is omitted. */
function nameOf(token: string): string {
  const [pkg = "", path = "", fn = ""] = token.split(":");
  const module = path.split("/")[0] ?? path;
  return [pkg, ...(module === "index" || module === "" ? [] : [module]), fn].join(".");
}

const text = (args: Properties, key: string): string => {
  const value = args[key];
  return typeof value === "string" ? value : "";
};

const list = (value: Value | undefined): Value[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const DATA_SOURCES: Readonly<Record<string, DataSource>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_args, place) => ({
    accountId: place.account,
    arn: `arn:${place.partition}:iam::${place.account}:user/deployer`,
    id: place.account,
    userId: "AIDADEPLOYEREXAMPLE01",
  }),
  "aws:index/getRegion:getRegion": (args, place) => {
    const region = text(args, "region") || text(args, "name") || place.region;
    return {
      description: region,
      endpoint: `ec2.${region}.${dnsSuffix(place.partition)}`,
      id: region,
      name: region,
      region,
    };
  },
  "aws:index/getPartition:getPartition": (_args, place) => ({
    dnsSuffix: dnsSuffix(place.partition),
    id: place.partition,
    partition: place.partition,
    reverseDnsPrefix: dnsSuffix(place.partition).split(".").reverse().join("."),
  }),
  "aws:index/getArn:getArn": (args) => {
    const [, partition = "", service = "", region = "", account = "", ...resource] = text(args, "arn").split(
      ":",
    );
    return {
      account,
      arn: text(args, "arn"),
      id: text(args, "arn"),
      partition,
      region,
      resource: resource.join(":"),
      service,
    };
  },
  // The most common regions of the partition; tests can set others.
  "aws:index/getRegions:getRegions": (_args, place) => ({
    id: place.partition,
    names: regionsOf(place),
    region: place.region,
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (args) => {
    const json = policyDocument(args);
    return {
      ...args,
      id: "policy-document",
      json: JSON.stringify(json, null, 2),
      minifiedJson: JSON.stringify(json),
    };
  },
  "aws:lambda/getFunction:getFunction": (args, place) => {
    const name = text(args, "functionName");
    const arn = `arn:${place.partition}:lambda:${place.region}:${place.account}:function:${name}`;
    const version = text(args, "qualifier") || "$LATEST";
    const invoke = (target: string): string =>
      `arn:${place.partition}:apigateway:${place.region}:lambda:path/2015-03-31/functions/${target}/invocations`;
    return {
      ...args,
      arn,
      id: name,
      invokeArn: invoke(arn),
      qualifiedArn: `${arn}:${version}`,
      qualifiedInvokeArn: invoke(`${arn}:${version}`),
      region: place.region,
      version,
    };
  },
  "aws:lambda/getAlias:getAlias": (args, place) => {
    const arn = `arn:${place.partition}:lambda:${place.region}:${place.account}:function:${text(args, "functionName")}:${text(args, "name")}`;
    return {
      ...args,
      arn,
      functionVersion: "1",
      id: arn,
      invokeArn: `arn:${place.partition}:apigateway:${place.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
      region: place.region,
    };
  },
  "aws:iam/getRole:getRole": (args, place) => ({
    arn: `arn:${place.partition}:iam::${place.account}:role/${text(args, "name")}`,
    assumeRolePolicy: "{}",
    createDate: "2026-01-15T09:30:00Z",
    description: "",
    id: text(args, "name"),
    maxSessionDuration: 3600,
    name: text(args, "name"),
    path: "/",
    permissionsBoundary: "",
    tags: {},
    uniqueId: "AROALOOKEDUPEXAMPLE01",
  }),
  "aws:iam/getUser:getUser": (args, place) => ({
    arn: `arn:${place.partition}:iam::${place.account}:user/${text(args, "userName")}`,
    id: text(args, "userName"),
    path: "/",
    tags: {},
    userId: "AIDALOOKEDUPEXAMPLE01",
    userName: text(args, "userName"),
  }),
  "aws:iam/getPolicy:getPolicy": (args, place) => {
    const arn =
      text(args, "arn") || `arn:${place.partition}:iam::${place.account}:policy/${text(args, "name")}`;
    return { arn, id: arn, name: arn.split("/").at(-1) ?? "", path: "/", policy: "{}", tags: {} };
  },
  "aws:apigateway/getRestApi:getRestApi": (args, place) => ({
    arn: `arn:${place.partition}:apigateway:${place.region}::/restapis/lookedup01`,
    executionArn: `arn:${place.partition}:execute-api:${place.region}:${place.account}:lookedup01`,
    id: "lookedup01",
    name: text(args, "name"),
    region: place.region,
    rootResourceId: "lookedroot",
    tags: {},
  }),
  "aws:apigatewayv2/getApi:getApi": (args, place) => ({
    apiId: text(args, "apiId"),
    arn: `arn:${place.partition}:apigateway:${place.region}::/apis/${text(args, "apiId")}`,
    executionArn: `arn:${place.partition}:execute-api:${place.region}:${place.account}:${text(args, "apiId")}`,
    id: text(args, "apiId"),
    protocolType: "HTTP",
    region: place.region,
    tags: {},
  }),
};

const NAMES: ReadonlySet<string> = new Set([...Object.keys(DATA_SOURCES), ...dataSourceTokens()].map(nameOf));

/**
 * aws-native's own functions.
 * https://www.pulumi.com/registry/packages/aws-native/api-docs/
 */
const NATIVE: Readonly<Record<string, DataSource>> = {
  "aws-native:index:getAccountId": (_args, place) => ({ accountId: place.account }),
  "aws-native:index:getAzs": (args, place) => ({ azs: zonesOf(text(args, "region") || place.region) }),
  "aws-native:index:getPartition": (_args, place) => ({ partition: place.partition }),
  "aws-native:index:getRegion": (_args, place) => ({ region: place.region }),
  "aws-native:index:getUrlSuffix": (_args, place) => ({ urlSuffix: dnsSuffix(place.partition) }),
  "aws-native:index:cidr": (args) => ({ subnets: subnetsOf(args) }),
  "aws-native:index:importValue": (args) => ({ value: text(args, "name") }),
  "aws-native:index:getSsmParameterString": (args) => ({ value: text(args, "name") }),
  "aws-native:index:getSsmParameterList": (args) => ({ value: [text(args, "name")] }),
};

/**
 * The result of a data source.
 *
 * @returns The documented properties for those in the tables; for any other of AWS's data sources, values of its
 * outputs' shapes together with its arguments; else its own arguments and an id, so that a program that uses the result
 * runs.
 */
export function dataSource(
  token: string,
  args: Properties,
  place: SimulatedLocation,
  answers: ReadonlyMap<string, DataSourceAnswer> = new Map(),
): Properties {
  const override = answers.get(nameOf(token));
  const simulatedResult = simulated(token, args, place);
  return { ...simulatedResult, ...(typeof override === "function" ? override(args) : override) };
}

function simulated(token: string, args: Properties, place: SimulatedLocation): Properties {
  const table = Object.hasOwn(DATA_SOURCES, token) ? DATA_SOURCES : NATIVE;
  const answer = Object.hasOwn(table, token) ? table[token] : undefined;
  if (answer !== undefined) return answer(args, place);
  const request = resourceRequest(token, args, place);
  if (isDataSource(token)) {
    const id = text(args, "id") || String(createOutputs(request, true).id);
    const result = resultOf(token, request, id);
    return { ...result, ...(Array.isArray(result.ids) ? { ids: idsOf(request, result.ids) } : {}), ...args };
  }
  if (!token.startsWith("aws-native:")) return { ...args, id: args.id ?? token };
  // A data source of aws-native returns the Cloud Control properties of a resource.
  const id = Object.values(args)
    .filter((value) => typeof value === "string")
    .join("|");
  return { ...readOutputs({ ...request, find: () => undefined }, id), ...args };
}

/** That many ids, each in the format of the resource type. */
function idsOf(request: ProviderRequest, ids: readonly Value[]): Value[] {
  return ids.map((_, index) => {
    const entry = {
      ...request,
      urn: `${request.urn}#${index}`,
      name: `${request.name}-${index}`,
      inputs: {},
    };
    return createOutputs({ ...entry, inputs: checkedInputs(entry) }, true).id;
  });
}

/** The resource type of a data source: `aws:ec2/subnet:Subnet` for `aws:ec2/getSubnets:getSubnets`. */
function resourceRequest(token: string, args: Properties, place: SimulatedLocation): ProviderRequest {
  const [pkg = "", path = "", fn = ""] = token.split(":");
  const module = path.split("/")[0] ?? path;
  const typeOf = (kind: string): string =>
    pkg === "aws"
      ? `aws:${module}/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`
      : `${pkg}:${module}:${kind}`;
  const request = fn.replace(/^get/, "");
  // The names of an alias and an event bus end in an s in the singular.
  const kind = isResource(typeOf(request)) ? request : request.replace(/s$/, "");
  const type = typeOf(kind);
  return { type, name: kind, urn: `${token}${sortedJson(args)}`, inputs: args, place, find: () => undefined };
}

function regionsOf({ partition, region }: SimulatedLocation): string[] {
  const commonRegions = partition === "aws" ? ["eu-west-1", "us-east-1", "us-west-2"] : [];
  return [...new Set([...commonRegions, region])].sort();
}

function zonesOf(region: string): string[] {
  return ["a", "b", "c"].map((zone) => `${region}${zone}`);
}

/** As `Fn::Cidr`: consecutive blocks of the same size. IPv4 only; an IPv6 block is returned unchanged. */
function subnetsOf(args: Properties): string[] {
  const [base = "", count, bits] = [text(args, "ipBlock"), Number(args.count), Number(args.cidrBits)];
  const octets = base.split("/")[0]?.split(".").map(Number) ?? [];
  if (octets.length !== 4 || !(count > 0)) return [base];
  const start = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return Array.from({ length: count }, (_, index) => {
    const address = start + index * 2 ** bits;
    return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${32 - bits}`;
  });
}

/**
 * The document of `aws.iam.getPolicyDocument`, with its merging of source and override documents by Sid.
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/getpolicydocument/
 */
function policyDocument(args: Properties): Record<string, Value> {
  const statements = list(args.statements).filter(isObject).map(statement);
  const bySid = new Map<string, Value>();
  const merged: Value[] = [];
  const add = (value: Value): void => {
    const sid = isObject(value) && typeof value.Sid === "string" ? value.Sid : "";
    const earlier = sid === "" ? undefined : bySid.get(sid);
    if (earlier === undefined) merged.push(value);
    else merged[merged.indexOf(earlier)] = value;
    if (sid !== "") bySid.set(sid, value);
  };
  for (const source of list(args.sourcePolicyDocuments))
    for (const statement of statementsOf(source)) add(statement);
  for (const item of statements) add(item);
  for (const source of list(args.overridePolicyDocuments))
    for (const statement of statementsOf(source)) add(statement);
  return {
    Version: text(args, "version") || "2012-10-17",
    ...(text(args, "policyId") === "" ? {} : { Id: text(args, "policyId") }),
    Statement: merged,
  };
}

function statementsOf(document: Value): Value[] {
  if (typeof document !== "string") return [];
  try {
    const value: unknown = JSON.parse(document);
    return isObject(value) ? list(value.Statement) : [];
  } catch {
    return [];
  }
}

/** One value is a string, several are a list: the format of the data source. */
function oneOrList(value: Value | undefined): Value | undefined {
  const values = list(value);
  if (values.length === 0) return undefined;
  return values.length === 1 ? values[0] : values;
}

function statement(block: Record<string, Value>): Value {
  const entries: [string, Value | undefined][] = [
    ["Sid", text(block, "sid") || undefined],
    ["Effect", text(block, "effect") || "Allow"],
    ["Principal", principals(block.principals)],
    ["NotPrincipal", principals(block.notPrincipals)],
    ["Action", oneOrList(block.actions)],
    ["NotAction", oneOrList(block.notActions)],
    ["Resource", oneOrList(block.resources)],
    ["NotResource", oneOrList(block.notResources)],
    ["Condition", conditions(block.conditions)],
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

function principals(value: Value | undefined): Value | undefined {
  const blocks = list(value).filter(isObject);
  if (blocks.length === 0) return undefined;
  const isEveryone = blocks.every(
    (entry) => entry.type === "*" && sortedJson(entry.identifiers ?? null) === '["*"]',
  );
  if (isEveryone) return "*";
  const byType = new Map<string, Value[]>();
  for (const entry of blocks) {
    const type = text(entry, "type");
    byType.set(type, [...(byType.get(type) ?? []), ...list(entry.identifiers)]);
  }
  return Object.fromEntries([...byType].map(([type, ids]) => [type, oneOrList(ids) ?? UNKNOWN]));
}

function conditions(value: Value | undefined): Value | undefined {
  const blocks = list(value).filter(isObject);
  if (blocks.length === 0) return undefined;
  const byTest = new Map<string, Map<string, Value[]>>();
  for (const entry of blocks) {
    const keys = byTest.get(text(entry, "test")) ?? new Map<string, Value[]>();
    const key = text(entry, "variable");
    keys.set(key, [...(keys.get(key) ?? []), ...list(entry.values)]);
    byTest.set(text(entry, "test"), keys);
  }
  return Object.fromEntries(
    [...byTest].map(([test, keys]) => [
      test,
      Object.fromEntries([...keys].map(([key, values]) => [key, oneOrList(values) ?? []])),
    ]),
  );
}
