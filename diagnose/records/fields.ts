/** Values with their names; without names, the number of their column. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** The log's information about one request, under the pack's own names. `values` have names without a known meaning. */
export interface LogRecord {
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  readonly values: readonly string[];
}

export type Field = (typeof FIELDS)[number];

export const FIELDS = [
  "status",
  "responseType",
  "error",
  "integrationError",
  "authorizerError",
  "method",
  "resourcePath",
  "resourceId",
  "routeKey",
  "path",
  "stage",
  "apiId",
  "domainName",
  "userArn",
  "caller",
  "accountId",
  "identityPool",
  "identityId",
  "identityType",
  "identityProvider",
  "integrationStatus",
  "authenticateStatus",
  "authorizeStatus",
  "requestId",
  "time",
] as const;

/**
 * The names of `$context` variables, and common names for them, in lower case and without punctuation. Where a record
 * has several, the first name applies.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
 */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  status: ["status", "statuscode", "responsestatus", "responsestatuscode", "httpstatus", "httpstatuscode"],
  responseType: ["errorresponsetype", "responsetype", "gatewayresponsetype"],
  error: [
    "errormessage",
    "errormessagestring",
    "authorizeerror",
    "authenticateerror",
    "accesserror",
    "wafwebaclerror",
    "message",
    "error",
  ],
  integrationError: [
    "integrationerrormessage",
    "integrationerror",
    "integrationintegrationerror",
    "integrationintegrationerrormessage",
  ],
  authorizerError: ["authorizererror", "customauthorizererror", "authorizererrormessage"],
  method: ["httpmethod", "method", "requestmethod", "requesthttpmethod", "verb"],
  resourcePath: ["resourcepath", "resource", "pathtemplate"],
  resourceId: ["resourceid"],
  routeKey: ["routekey", "route"],
  path: ["path", "requestpath", "rawpath", "uri", "url"],
  stage: ["stage", "stagename"],
  apiId: ["apiid", "restapiid", "httpapiid", "api"],
  domainName: ["domainname", "domain", "host", "hostname"],
  userArn: ["identityuserarn", "userarn", "useridentityarn", "callerarn", "principalarn"],
  caller: ["identitycaller", "caller", "identityuser", "user", "identitycallerid", "callerid"],
  accountId: ["identityaccountid", "calleraccountid", "calleraccount"],
  identityPool: ["identitycognitoidentitypoolid", "cognitoidentitypoolid", "identitypoolid"],
  identityId: ["identitycognitoidentityid", "cognitoidentityid", "identityid"],
  identityType: ["identitycognitoauthenticationtype", "cognitoauthenticationtype"],
  identityProvider: ["identitycognitoauthenticationprovider", "cognitoauthenticationprovider"],
  integrationStatus: ["integrationintegrationstatus", "integrationstatus", "integrationstatuscode"],
  authenticateStatus: ["authenticatestatus"],
  authorizeStatus: ["authorizestatus"],
  requestId: ["requestid", "contextrequestid"],
  time: ["requesttime", "requesttimeepoch", "time", "timestamp"],
};

/** Names of values whose format is also the format of a field. */
const IGNORED_NAMES: ReadonlySet<string> = new Set([
  "accountid",
  "authorizerstatus",
  "authorizerintegrationstatus",
  "wafstatus",
  "wafresponsecode",
  "accessstatus",
  "responselength",
  "responselatency",
  "integrationlatency",
  "integrationrequestid",
  "authorizerrequestid",
  "extendedrequestid",
  "awsendpointrequestid",
  "domainprefix",
  "protocol",
  "sourceip",
  "identitysourceip",
  "ip",
  "useragent",
  "identityuseragent",
]);

const FIELD_OF: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) => NAMES[field].map((name) => [name, field] as const)),
);

/** `$context.identity.userArn`, `identity_user_arn` and `identity.userArn` are one name. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .replace(/^context/, "");
}

/** The fields for names other than the usual ones. */
export type FieldNames = ReadonlyMap<string, Field>;

/** The field that `--field` names: by its own name, or by the name of its `$context` variable. */
export function fieldNamed(name: string): Field | undefined {
  return FIELDS.find((field) => field.toLowerCase() === name.toLowerCase()) ?? FIELD_OF.get(plainName(name));
}

/** Placeholders for an absent value. */
const ABSENT_VALUES: ReadonlySet<string> = new Set(["", "-", "null", "undefined", "None", "N/A"]);

/** The maximum length of a value: no value of a request is longer, and a log may contain anything. */
const MAX_VALUE_LENGTH = 4_096;

/**
 * The fields of a record, by the names of its values and, under unknown names, by their format. `undefined` for a
 * record without the result of a request.
 */
export function recordOf(
  pairs: readonly (readonly [name: string, value: unknown])[],
  names: FieldNames,
): LogRecord | undefined {
  const found = new Map<Field, { readonly value: string; readonly rank: number }>();
  const unnamed: string[] = [];
  for (const [name, rawValue] of pairs) {
    const value = plainValue(rawValue);
    if (value === undefined) continue;
    const plain = plainName(name);
    const declared = names.get(name);
    const field = declared ?? FIELD_OF.get(plain);
    if (field === undefined) {
      if (!IGNORED_NAMES.has(plain)) unnamed.push(value);
      continue;
    }
    const rank = declared === undefined ? NAMES[field].indexOf(plain) : -1;
    const existing = found.get(field);
    if (existing === undefined || rank < existing.rank) found.set(field, { value, rank });
  }
  const fields: Partial<Record<Field, string>> = {};
  for (const [field, { value }] of found) fields[field] = value;
  const values = unnamed.filter((value) => {
    const field = fieldByValue(value);
    if (field === undefined) return true;
    fields[field] ??= value;
    return false;
  });
  for (const field of ["path", "resourcePath", "routeKey"] as const) {
    const value = fields[field];
    if (value !== undefined) fields[field] = withoutQuery(value);
  }
  const status = fields.status ?? onlyStatus(values);
  if (status !== undefined) fields.status = status;
  return isRecord(fields) ? { fields, values } : undefined;
}

/** Routes have no query string, and a query string may contain a signature or a token. */
function withoutQuery(path: string): string {
  return path.replace(/\?.*$/s, "");
}

function plainValue(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value)
    .trim()
    .replace(/^"(.*)"$/s, "$1");
  return ABSENT_VALUES.has(text) ? undefined : text.slice(0, MAX_VALUE_LENGTH);
}

/** Whether the record has the result of a request. */
function isRecord({
  status,
  responseType,
  error,
  integrationError,
  authorizerError,
}: LogRecord["fields"]): boolean {
  if (status !== undefined) return /^[1-5]\d\d$/.test(status);
  return (
    [error, integrationError, authorizerError].some((text) => text !== undefined && describesFailure(text)) ||
    (responseType !== undefined && RESPONSE_TYPE.test(responseType))
  );
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const RESPONSE_TYPE =
  /^(ACCESS_DENIED|API_CONFIGURATION_ERROR|AUTHORIZER_CONFIGURATION_ERROR|AUTHORIZER_FAILURE|BAD_REQUEST_(PARAMETERS|BODY)|DEFAULT_[45]XX|EXPIRED_TOKEN|INTEGRATION_(FAILURE|TIMEOUT)|INVALID_(API_KEY|SIGNATURE)|MISSING_AUTHENTICATION_TOKEN|QUOTA_EXCEEDED|REQUEST_TOO_LARGE|RESOURCE_NOT_FOUND|THROTTLED|UNAUTHORIZED|UNSUPPORTED_MEDIA_TYPE|WAF_FILTERED)$/;

/** API Gateway's messages for a failed request. */
export function describesFailure(text: string): boolean {
  return /Execution failed(?: due to [^:]+)?(?::|$)|is not authorized to (perform|access)|(?:does not|doesn't) have permissions? to|The IAM role configured on the|Invalid permissions on Lambda function|Authorizer error|Lambda (invocation|execution) failed with status|Unable to determine service\/operation name/.test(
    text,
  );
}

const BY_VALUE: readonly (readonly [Field, RegExp])[] = [
  ["caller", /^(AROA|AIDA|AGPA|ASIA)[A-Z0-9]{12,}(:.*)?$/],
  ["userArn", /^arn:[\w-]+:(iam|sts)::\d{12}:(assumed-role|user|role|federated-user|root)/],
  ["responseType", RESPONSE_TYPE],
  ["method", /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/],
  ["routeKey", /^((ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/\S*|\$(default|connect|disconnect))$/],
  ["identityPool", /^[a-z]{2}(-[a-z]+)+-\d:[0-9a-f]{8}-[0-9a-f-]{27}$/],
  ["domainName", /^[a-z0-9]+(-vpce-[0-9a-f]+)?\.execute-api\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|api\.aws)$/],
  ["resourcePath", /^\/[^\s?]*\{[^}/]+\}[^\s?]*$/],
  ["path", /^\/[^\s]*$/],
];

function fieldByValue(value: string): Field | undefined {
  return describesFailure(value) ? "error" : BY_VALUE.find(([, shape]) => shape.test(value))?.[0];
}

/** With two numbers of three digits, the status would be a guess. */
function onlyStatus(values: readonly string[]): string | undefined {
  const numbers = new Set(values.filter((value) => /^[1-5]\d\d$/.test(value)));
  return numbers.size === 1 ? [...numbers][0] : undefined;
}

/** The values of an object with their names, including those of nested objects. */
export function flattened(value: object, prefix = "", depth = 0): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "object" && inner !== null && depth < 4
      ? flattened(inner, `${prefix}${key}.`, depth + 1)
      : [[`${prefix}${key}`, inner] as const],
  );
}
