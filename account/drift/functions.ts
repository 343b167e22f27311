import { isObject, Unknown } from "../../iam";
import { plainCopy, read } from "../../stack";
import { type AccountResource, type Entry, objects, parsedObject } from "../resource";
import { isOn } from "../stack-resources";
import { FUNCTION_POLICY } from "./account-index";
import { sameDocument } from "./documents";
import { type DriftSubject, NOTHING, type Reader } from "./model";
import { textOf } from "./principals";

const URL = "aws:lambda/functionUrl:FunctionUrl";

/** Whether a function in account data can be the one to which a resource of the provider refers. */
function isInProviderPlace({ place, planned }: DriftSubject, arn: string): boolean {
  const [, , , region = "", account = ""] = arn.split(":");
  const ownRegion = read(planned, "region");
  const regions = typeof ownRegion === "string" ? new Set([ownRegion]) : place.regions;
  return (
    (regions.size === 0 || regions.has(region)) && (place.accounts.size === 0 || place.accounts.has(account))
  );
}

/** The policy of the function, version or alias that a permission is on. */
function policyOfPermission(subject: DriftSubject): AccountResource | undefined {
  const { planned, account } = subject;
  const [fn, qualifier] = [textOf(subject, "function"), textOf(subject, "qualifier")];
  const [, name] = /(?:^|:function:|^\d{12}:)([\w-]+)(?::[\w$-]+)?$/.exec(fn ?? "") ?? [];
  if (fn === undefined || name === undefined || read(planned, "qualifier") instanceof Unknown)
    return undefined;
  const [only, ...more] = account
    .policiesOfFunctions(name)
    .filter(({ props }) => isOn({ function: fn, qualifier }, String(props.resourceArn)))
    .filter(({ owner }) =>
      fn.startsWith("arn:") ? fn === owner || fn.startsWith(`${owner}:`) : isInProviderPlace(subject, owner),
    );
  return more.length > 0 ? undefined : only;
}

/** The condition keys that Lambda writes for a permission, by the property that they come from. */
const KEYS: Readonly<Record<string, string>> = {
  sourceArn: "aws:sourcearn",
  sourceAccount: "aws:sourceaccount",
  principalOrgId: "aws:principalorgid",
  eventSourceToken: "lambda:eventsourcetoken",
  functionUrlAuthType: "lambda:functionurlauthtype",
  invokedViaFunctionUrl: "lambda:invokedviafunctionurl",
};

/**
 * The statement that Lambda writes for a permission.
 * https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
function statementOf({ planned }: DriftSubject): Entry {
  const principal = read(planned, "principal");
  const isService = typeof principal === "string" && /\.amazon(aws)?\.com/.test(principal);
  const keys = Object.entries(KEYS).flatMap(([property, key]) => {
    const value = read(planned, property);
    return value === undefined || value === "" || value === false ? [] : [[key, value] as const];
  });
  return {
    Effect: "Allow",
    Action: read(planned, "action"),
    Principal: isService ? { Service: principal } : principal === "*" ? "*" : { AWS: principal },
    ...(keys.length === 0 ? {} : { Condition: { any: Object.fromEntries(keys) } }),
  };
}

/** Only keys and values are compared, since Lambda chooses the operators. */
function asWritten({ Resource: _, Condition, ...statement }: Entry): Entry {
  const keys = isObject(Condition)
    ? Object.values(Condition).flatMap((values) => (isObject(values) ? Object.entries(values) : []))
    : [];
  return { ...statement, ...(keys.length === 0 ? {} : { Condition: { any: Object.fromEntries(keys) } }) };
}

const sameStatement = (first: Entry, second: Entry): boolean =>
  sameDocument({ Statement: [asWritten(first)] }, { Statement: [second] });

const permission: Reader = (subject) => {
  const policyInAws = policyOfPermission(subject);
  if (policyInAws === undefined) return NOTHING;
  const { planned } = subject;
  const statements = objects(parsedObject(String(policyInAws.props.policy))?.Statement);
  const expected = statementOf(subject);
  // aws-native identifies the statement by the ID that AWS assigned.
  const sid = textOf(subject, "statementId") ?? (plainCopy(planned.resource.props, []) as Entry).awsId;
  const subjectOfDrift = {
    part: "statement",
    holder: String(policyInAws.props.name),
    evidenceUrn: policyInAws.urn,
  } as const;
  if (typeof sid !== "string")
    return statements.some((statement) => sameStatement(statement, expected))
      ? NOTHING
      : [{ ...subjectOfDrift, code: "missing", name: planned.name }];
  const statementInAws = statements.find(({ Sid }) => Sid === sid);
  if (statementInAws === undefined) return [{ ...subjectOfDrift, code: "missing", name: sid }];
  return sameStatement(statementInAws, expected)
    ? NOTHING
    : [{ ...subjectOfDrift, code: "differs", name: sid }];
};

const functionPolicy: Reader = (subject) => {
  const arn = textOf(subject, "resourceArn");
  const [policyInAws] = subject.account.resourcesNamed(FUNCTION_POLICY, arn);
  if (policyInAws === undefined || sameDocument(policyInAws.props.policy, read(subject.planned, "policy")))
    return NOTHING;
  const name = String(policyInAws.props.name);
  return [{ part: "function-policy", code: "differs", holder: name, name, evidenceUrn: policyInAws.urn }];
};

const functionUrl: Reader = (subject) => {
  const { account, planned } = subject;
  const [fn, qualifier] = [
    textOf(subject, "functionArn") ?? textOf(subject, "functionName"),
    textOf(subject, "qualifier"),
  ];
  const [, name] = /(?:^|:function:)([\w-]+)(?::[\w$-]+)?$/.exec(fn ?? "") ?? [];
  if (fn === undefined || name === undefined) return NOTHING;
  const [urlInAws, ...more] = account
    .resourcesNamed(URL, qualifier === undefined ? name : `${name}/${qualifier}`)
    .filter(({ owner }) =>
      fn.startsWith("arn:") ? fn === owner || fn.startsWith(`${owner}:`) : isInProviderPlace(subject, owner),
    );
  const authorization = read(planned, "authorizationType");
  if (urlInAws === undefined || more.length > 0 || typeof authorization !== "string") return NOTHING;
  if (authorization === urlInAws.props.authorizationType) return NOTHING;
  return [{ part: "url", code: "differs", holder: name, name: authorization, evidenceUrn: urlInAws.urn }];
};

export const FUNCTION_READERS = {
  Permission: permission,
  FunctionPolicy: functionPolicy,
  FunctionUrl: functionUrl,
} as const satisfies Readonly<Record<string, Reader>>;
