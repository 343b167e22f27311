import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkResources, type Plan, plan } from "../../testing";
import { type Case, findingLabel, runCases, withUpdate } from "../support/cases";
import { Native } from "../support/native";
import { allowDocument, caller, distribution, makeFunction } from "../support/programs";

/** Principals outside the stack that a function's resource policy allows to call its URL. */

const POLICY = "function-url-caller-lambda-invoke";
const UNPROVEN = "unproven-access";
const only = [POLICY, UNPROVEN];
const OAC = "cloudfront.amazonaws.com";
const DISTRIBUTION = "arn:aws:cloudfront::123456789012:distribution/E123";

type Args = Partial<aws.lambda.PermissionArgs>;

const byUrl = (args: Args): Args => ({
  action: "lambda:InvokeFunctionUrl",
  functionUrlAuthType: "AWS_IAM",
  ...args,
});
const byFunction = (args: Args): Args => ({
  action: "lambda:InvokeFunction",
  invokedViaFunctionUrl: true,
  ...args,
});

interface Resources {
  readonly fn: aws.lambda.Function;
  readonly cdn: aws.cloudfront.Distribution;
}

interface Cdn {
  readonly signed?: boolean;
  readonly control?: Partial<aws.cloudfront.OriginAccessControlArgs>;
  /** Adds an S3 origin with its own origin access control. */
  readonly withBucket?: boolean;
  readonly behavior?: Partial<aws.types.input.cloudfront.DistributionDefaultCacheBehavior>;
}

function bucketOrigin(): readonly aws.types.input.cloudfront.DistributionOrigin[] {
  const bucket = new aws.s3.Bucket("files");
  const control = new aws.cloudfront.OriginAccessControl("files", {
    originAccessControlOriginType: "s3",
    signingBehavior: "always",
    signingProtocol: "sigv4",
  });
  return [
    {
      originId: "files",
      domainName: bucket.bucketRegionalDomainName,
      originAccessControlId: control.id,
      s3OriginConfig: { originAccessIdentity: "" },
    },
  ];
}

/** A function with an `AWS_IAM` URL and the permissions `first`, `second`, … */
const withUrl =
  (
    permissions: (resources: Resources) => readonly Args[],
    url: (fn: aws.lambda.Function) => Partial<aws.lambda.FunctionUrlArgs> | false = () => ({}),
    { signed = true, behavior = {}, control = {}, withBucket = false }: Cdn = {},
  ) =>
  () => {
    const fn = makeFunction("site", { publish: true });
    const more = url(fn);
    const functionUrl =
      more === false
        ? undefined
        : new aws.lambda.FunctionUrl("url", { functionName: fn.name, authorizationType: "AWS_IAM", ...more });
    const oac = new aws.cloudfront.OriginAccessControl("oac", {
      originAccessControlOriginType: "lambda",
      signingBehavior: "no-override",
      signingProtocol: "sigv4",
      ...control,
    });
    const files = withBucket ? bucketOrigin() : [];
    const cdn = distribution(
      "cdn",
      [
        {
          originId: "fn",
          domainName: functionUrl?.functionUrl.apply((address) => new URL(address).host) ?? "example.com",
          ...(signed ? { originAccessControlId: oac.id } : {}),
        },
        ...files,
      ],
      behavior,
    );
    for (const [at, args] of permissions({ fn, cdn }).entries())
      new aws.lambda.Permission(["first", "second", "third"][at] ?? "more", {
        function: fn.name,
        principal: OAC,
        ...args,
      } as aws.lambda.PermissionArgs);
  };

const DENIED = [`${POLICY} @ first`];

function cases(title: string, rows: readonly Case[]): void {
  describe(`${POLICY}: ${title}`, () =>
    runCases(
      withUpdate(
        rows.map((row) => ({ only, ...row })),
        ["first", "second", "call"],
      ),
    ));
}

cases("CloudFront's origin access control", [
  {
    name: "both actions for the distribution",
    program: withUrl(({ cdn }) => [byUrl({ sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl only",
    program: withUrl(({ cdn }) => [byUrl({ sourceArn: cdn.arn })]),
    expected: DENIED,
    messageIncludes: [OAC, "lambda:InvokeFunction is missing", "invokedViaFunctionUrl: true"],
  },
  {
    name: "lambda:InvokeFunctionUrl only, for a literal distribution ARN",
    program: withUrl(() => [byUrl({ sourceArn: DISTRIBUTION })]),
    expected: DENIED,
  },
  {
    name: "lambda:InvokeFunction for another distribution",
    program: withUrl(() => [
      byUrl({ sourceArn: DISTRIBUTION }),
      byFunction({ sourceArn: DISTRIBUTION.replace("E123", "E456") }),
    ]),
    expected: DENIED,
  },
  {
    name: "lambda:InvokeFunction for every distribution",
    program: withUrl(() => [
      byUrl({ sourceArn: DISTRIBUTION }),
      byFunction({ sourceArn: DISTRIBUTION.replace("E123", "*") }),
    ]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for every distribution, lambda:InvokeFunction for one",
    program: withUrl(() => [
      byUrl({ sourceArn: DISTRIBUTION.replace("E123", "*") }),
      byFunction({ sourceArn: DISTRIBUTION }),
    ]),
    expected: [`${UNPROVEN} @ first`],
  },
  {
    name: "lambda:InvokeFunction without a source ARN",
    program: withUrl(({ cdn }) => [byUrl({ sourceArn: cdn.arn }), byFunction({})]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunction for another service",
    program: withUrl(() => [
      byUrl({ sourceArn: DISTRIBUTION }),
      byFunction({ principal: "edgelambda.amazonaws.com", sourceArn: DISTRIBUTION }),
    ]),
    expected: DENIED,
  },
  {
    name: "both actions with a source account",
    program: withUrl(() => [
      byUrl({ sourceAccount: "123456789012" }),
      byFunction({ sourceAccount: "123456789012" }),
    ]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunction on another function",
    program: withUrl(({ cdn }) => [
      byUrl({ sourceArn: cdn.arn }),
      byFunction({ sourceArn: cdn.arn, function: "another" }),
    ]),
    // Before the function exists, its name is unknown and may be this one.
    expected: { "first-preview": DENIED, deployed: DENIED },
  },
  {
    name: "lambda:* for the distribution",
    program: withUrl(() => [{ action: "lambda:*", sourceArn: DISTRIBUTION }]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for URLs with authorization type NONE",
    program: withUrl(() => [byUrl({ sourceArn: DISTRIBUTION, functionUrlAuthType: "NONE" })]),
    expected: [],
  },
  {
    name: "URL with authorization type NONE",
    program: withUrl(
      () => [byUrl({ sourceArn: DISTRIBUTION })],
      () => ({ authorizationType: "NONE" }),
    ),
    expected: [],
  },
  {
    name: "URL in another stack",
    program: withUrl(
      () => [byUrl({ sourceArn: DISTRIBUTION })],
      () => false,
    ),
    expected: DENIED,
  },
  {
    name: "function in another stack",
    program: withUrl(
      () => [byUrl({ sourceArn: DISTRIBUTION, function: "elsewhere" })],
      () => ({ functionName: "elsewhere" }),
    ),
    expected: [`${UNPROVEN} @ first`],
    messageIncludes: ["the stack that owns the function"],
  },
  {
    name: "lambda.ResourcePolicy with lambda:InvokeFunctionUrl only",
    program: withUrl(({ fn }) => {
      new aws.lambda.ResourcePolicy("whole", {
        resourceArn: fn.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: OAC },
              Action: "lambda:InvokeFunctionUrl",
              Resource: "*",
              Condition: { ArnLike: { "AWS:SourceArn": DISTRIBUTION } },
            },
          ],
        }),
      });
      return [];
    }),
    expected: [`${POLICY} @ whole`],
  },
  {
    name: "lambda.ResourcePolicy with a Deny on lambda:InvokeFunction",
    program: withUrl(({ fn }) => {
      new aws.lambda.ResourcePolicy("whole", {
        resourceArn: fn.arn,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: { Service: OAC }, Action: "lambda:*", Resource: "*" },
            { Effect: "Deny", Principal: "*", Action: "lambda:InvokeFunction", Resource: "*" },
          ],
        }),
      });
      return [];
    }),
    expected: [`${POLICY} @ whole`],
    messageIncludes: ["is denied"],
  },
]);

const onAlias = (fn: aws.lambda.Function): Partial<aws.lambda.FunctionUrlArgs> => ({
  qualifier: new aws.lambda.Alias("live", {
    name: "live",
    functionName: fn.name,
    functionVersion: fn.version,
  }).name,
});

const grantedTo = (resource: (fn: aws.lambda.Function) => pulumi.Input<string>, action: string | string[]) =>
  withUrl(({ fn }) => {
    new aws.iam.RolePolicy("call", {
      role: caller("app").name,
      policy: allowDocument([action, resource(fn)]),
    });
    return [];
  }, onAlias);

const BOTH = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"];

cases("URL of an alias", [
  {
    name: "permissions on the alias",
    program: withUrl(
      ({ cdn }) => [
        byUrl({ qualifier: "live", sourceArn: cdn.arn }),
        byFunction({ qualifier: "live", sourceArn: cdn.arn }),
      ],
      onAlias,
    ),
    expected: [],
  },
  {
    name: "permissions on the unqualified function",
    program: withUrl(
      ({ cdn }) => [byUrl({ sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })],
      onAlias,
    ),
    expected: DENIED,
    messageIncludes: ["another version or alias"],
  },
  {
    name: "both actions on the alias, lambda:InvokeFunctionUrl also on the function",
    program: withUrl(
      () => [byUrl({ qualifier: "live" }), byFunction({ qualifier: "live" }), byUrl({})],
      onAlias,
    ),
    expected: [],
  },
  {
    name: "lambda:InvokeFunction on the unqualified function only",
    program: withUrl(
      ({ cdn }) => [byUrl({ qualifier: "live", sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })],
      onAlias,
    ),
    expected: DENIED,
  },
  {
    name: "caller with grants on the unqualified function",
    program: grantedTo((fn) => fn.arn, BOTH),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [`${POLICY} @ app`] },
    messageIncludes: ["lambda:InvokeFunctionUrl"],
  },
  {
    name: "caller with grants on another alias",
    program: grantedTo((fn) => pulumi.interpolate`${fn.arn}:blue`, BOTH),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [`${POLICY} @ app`] },
  },
  {
    name: "caller with grants on every alias",
    program: grantedTo((fn) => pulumi.interpolate`${fn.arn}*`, BOTH),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [] },
  },
  {
    name: "caller with lambda:* on the unqualified function",
    program: grantedTo((fn) => fn.arn, "lambda:*"),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [] },
  },
  {
    name: "caller of the function's URL, next to a URL of the alias",
    program: withUrl(({ fn }) => {
      new aws.lambda.FunctionUrl("plain", { functionName: fn.name, authorizationType: "AWS_IAM" });
      new aws.iam.RolePolicy("call", { role: caller("app").name, policy: allowDocument([BOTH, fn.arn]) });
      return [];
    }, onAlias),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [] },
  },
  {
    name: "role with permissions on the unqualified function",
    program: withUrl(() => {
      const app = caller("app", { name: "app" });
      return [byUrl({ principal: app.arn }), byFunction({ principal: app.arn })];
    }, onAlias),
    expected: DENIED,
  },
]);

/** A resource policy that allows everyone lambda:InvokeFunctionUrl under a condition. */
function wholePolicy(
  fn: aws.lambda.Function,
  operator: string,
  key: string,
  values: readonly string[],
): readonly Args[] {
  new aws.lambda.ResourcePolicy("whole", {
    resourceArn: fn.arn,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: "*",
          Action: "lambda:InvokeFunctionUrl",
          Resource: "*",
          Condition: { [operator]: { [key]: values } },
        },
      ],
    }),
  });
  return [];
}

cases("other accounts", [
  {
    name: "lambda:InvokeFunctionUrl for another account",
    program: withUrl(() => [byUrl({ principal: "999999999999" })]),
    // While the function's account is unknown, it may be this one.
    expected: { "first-preview": [`${UNPROVEN} @ first`], deployed: DENIED },
    messageIncludes: ["account 999999999999"],
  },
  {
    name: "both actions for another account",
    program: withUrl(() => [byUrl({ principal: "999999999999" }), byFunction({ principal: "999999999999" })]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for a role in another account",
    program: withUrl(() => [byUrl({ principal: "arn:aws:iam::999999999999:role/partner" })]),
    expected: { "first-preview": [`${UNPROVEN} @ first`], deployed: DENIED },
  },
  {
    name: "lambda:InvokeFunctionUrl for a role in another account, lambda:InvokeFunction for its account",
    program: withUrl(() => [
      byUrl({ principal: "arn:aws:iam::999999999999:role/partner" }),
      byFunction({ principal: "999999999999" }),
    ]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for a role outside the stack in the same account",
    program: withUrl(() => [byUrl({ principal: "arn:aws:iam::123456789012:role/other" })]),
    expected: [`${UNPROVEN} @ first`],
  },
  {
    name: "lambda:InvokeFunctionUrl for the stack's account",
    program: withUrl(() => [byUrl({ principal: "123456789012" })]),
    expected: { "first-preview": [`${UNPROVEN} @ first`], deployed: [] },
  },
  {
    name: "lambda:InvokeFunctionUrl for an organization",
    program: withUrl(() => [byUrl({ principal: "*", principalOrgId: "o-abcdefghij" })]),
    expected: DENIED,
    messageIncludes: ["organization o-abcdefghij"],
  },
  {
    name: "both actions for an organization",
    program: withUrl(() => [
      byUrl({ principal: "*", principalOrgId: "o-abcdefghij" }),
      byFunction({ principal: "*", principalOrgId: "o-abcdefghij" }),
    ]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for part of an organization",
    program: withUrl(({ fn }) =>
      wholePolicy(fn, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-abcdefghij/*"]),
    ),
    expected: [`${POLICY} @ whole`],
    messageIncludes: ["organization o-abcdefghij"],
  },
  {
    name: "lambda:InvokeFunctionUrl for several organizations",
    program: withUrl(({ fn }) =>
      wholePolicy(fn, "StringEquals", "aws:PrincipalOrgID", ["o-abcdefghij", "o-klmnopqrst"]),
    ),
    expected: [`${POLICY} @ whole`, `${POLICY} @ whole`],
    messageIncludes: ["organization o-klmnopqrst"],
  },
  {
    name: "lambda:InvokeFunctionUrl for everyone",
    program: withUrl(() => [byUrl({ principal: "*" })]),
    expected: [`${UNPROVEN} @ first`],
    messageIncludes: ["allows lambda:InvokeFunctionUrl for everyone"],
  },
  {
    name: "both actions for everyone",
    program: withUrl(() => [byUrl({ principal: "*" }), byFunction({ principal: "*" })]),
    expected: [],
  },
  {
    name: "lambda:InvokeFunctionUrl for everyone, caller with both actions",
    program: withUrl(({ fn }) => {
      const app = caller("app", { name: "app" });
      new aws.iam.RolePolicy("call", { role: app.name, policy: allowDocument([BOTH, fn.arn]) });
      return [byUrl({ principal: "*" })];
    }),
    expected: [],
  },
  {
    name: "lambda:InvokeFunction for another organization",
    program: withUrl(() => [
      byUrl({ principal: "*", principalOrgId: "o-abcdefghij" }),
      byFunction({ principal: "*", principalOrgId: "o-klmnopqrst" }),
    ]),
    expected: DENIED,
  },
  {
    name: "lambda:InvokeFunctionUrl for a role with lambda:InvokeFunction in its policy",
    program: withUrl(({ fn }) => {
      const app = caller("app", { name: "app" });
      new aws.iam.RolePolicy("call", {
        role: app.name,
        policy: allowDocument(["lambda:InvokeFunction", fn.arn]),
      });
      return [byUrl({ principal: app.arn })];
    }),
    expected: [],
  },
]);

const SIGNS = { control: { signingBehavior: "always" } };
const CDN = [`${POLICY} @ cdn`];

cases("distribution with an origin access control that signs", [
  {
    name: "both actions for the distribution",
    program: withUrl(
      ({ cdn }) => [byUrl({ sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })],
      undefined,
      SIGNS,
    ),
    expected: [],
  },
  {
    name: "no permission",
    program: withUrl(() => [], undefined, SIGNS),
    expected: CDN,
    messageIncludes: ["cloudfront.amazonaws.com to call it", "add two permissions"],
  },
  {
    name: "lambda:InvokeFunction only",
    program: withUrl(({ cdn }) => [byFunction({ sourceArn: cdn.arn })], undefined, SIGNS),
    expected: CDN,
  },
  {
    name: "permissions for another distribution",
    program: withUrl(
      () => [byUrl({ sourceArn: DISTRIBUTION }), byFunction({ sourceArn: DISTRIBUTION })],
      undefined,
      SIGNS,
    ),
    // The distribution's ARN is unknown until it exists.
    expected: { "first-preview": [], deployed: CDN },
    update: { creates: ["first", "second", "call"], expected: CDN },
  },
  {
    name: "permissions on the unqualified function, URL of an alias",
    program: withUrl(
      ({ cdn }) => [byUrl({ sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })],
      () => ({ qualifier: "live" }),
      SIGNS,
    ),
    expected: DENIED,
  },
  {
    name: "CloudFront function, which may sign requests",
    program: withUrl(() => [], undefined, {
      ...SIGNS,
      behavior: {
        functionAssociations: [
          { eventType: "viewer-request", functionArn: "arn:aws:cloudfront::123456789012:function/sign" },
        ],
      },
    }),
    expected: [],
  },
  {
    name: "origin access control that leaves a client's signature unchanged",
    program: withUrl(() => []),
    expected: [],
  },
]);

describe(`${POLICY}: a function and its URL in two stacks`, () => {
  const project = async (name: string, program: () => unknown) =>
    plan(program, { as: "deployed", project: name });
  const distributionArgs = { principal: OAC, sourceArn: DISTRIBUTION };
  const withFunction =
    (...permissions: readonly Args[]) =>
    (): void => {
      const fn = makeFunction("site", { name: "site" });
      for (const [at, args] of permissions.entries())
        new aws.lambda.Permission(["first", "second"][at] ?? "more", {
          function: fn.name,
          ...distributionArgs,
          ...args,
        } as aws.lambda.PermissionArgs);
    };
  const withItsUrl = (functionName: () => pulumi.Input<string>, args?: Args) => (): void => {
    new aws.lambda.FunctionUrl("url", { functionName: functionName(), authorizationType: "AWS_IAM" });
    if (args !== undefined)
      new aws.lambda.Permission("there", {
        function: functionName(),
        ...distributionArgs,
        ...args,
      } as aws.lambda.PermissionArgs);
  };
  const byName = (): string => "site";
  const byReference = (): pulumi.Output<string> =>
    new pulumi.StackReference("org/functions/prod").requireOutput("name") as pulumi.Output<string>;
  const found = async (...plans: readonly Plan[]): Promise<string[]> =>
    (await checkResources(plans.flatMap(({ resources }) => resources)))
      .filter(({ policy }) => only.includes(policy))
      .map(findingLabel);

  for (const [name, functionName] of [
    ["function by its name", byName],
    ["function by a StackReference", byReference],
  ] as const) {
    const stackReferences = { "org/functions/prod": { name: "site" } };
    const urls = (args?: Args) =>
      plan(withItsUrl(functionName, args), { as: "deployed", project: "urls", stackReferences });

    it(`${name}: allows both actions in the functions' stack`, async () => {
      const functions = await project("functions", withFunction(byUrl({}), byFunction({})));
      assert.deepEqual(await found(functions, await urls()), []);
    });

    it(`${name}: allows one action in each stack`, async () => {
      const functions = await project("functions", withFunction(byFunction({})));
      assert.deepEqual(await found(functions, await urls(byUrl({}))), []);
    });

    it(`${name}: reports lambda:InvokeFunctionUrl only`, async () => {
      const functions = await project("functions", withFunction());
      assert.deepEqual(await found(functions, await urls(byUrl({}))), [`${POLICY} @ there`]);
    });

    it(`${name}: leaves lambda:InvokeFunctionUrl only unproven if the functions' stack is not analyzed`, async () => {
      assert.deepEqual(await found(await urls(byUrl({}))), [`${UNPROVEN} @ there`]);
    });
  }
});

cases("principals with unknown policies", [
  {
    name: "document that depends on the function of a URL without another caller",
    program: withUrl(({ fn }) => {
      new aws.iam.RolePolicy("call", {
        role: caller("app").name,
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [{ actions: ["lambda:InvokeFunctionUrl"], resources: [fn.arn] }],
        }).json,
      });
      return [];
    }),
    expected: { "first-preview": [`${UNPROVEN} @ app`], deployed: [`${POLICY} @ app`] },
  },
  {
    name: "document that depends on the function of a URL that CloudFront calls",
    program: withUrl(({ fn, cdn }) => {
      new aws.iam.RolePolicy("call", {
        role: caller("app").name,
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["s3:GetObject"], resources: [pulumi.interpolate`arn:aws:s3:::${fn.name}/*`] },
          ],
        }).json,
      });
      return [byUrl({ sourceArn: cdn.arn }), byFunction({ sourceArn: cdn.arn })];
    }),
    expected: [],
  },
]);

const oacBoth = ({ cdn }: Resources): readonly Args[] => [
  byUrl({ sourceArn: cdn.arn }),
  byFunction({ sourceArn: cdn.arn }),
];
const association = {
  eventType: "origin-request",
  lambdaArn: "arn:aws:lambda:us-east-1:123456789012:function:sign:1",
};

const nativeDistribution = (signed: boolean) => () => {
  const fn = makeFunction("site");
  const url = new Native("lambda:Url", "url", { targetFunctionArn: fn.arn, authType: "AWS_IAM" }, [
    "functionUrl",
  ]);
  const control = new Native("cloudfront:OriginAccessControl", "oac", {
    originAccessControlConfig: {
      name: "oac",
      originAccessControlOriginType: "lambda",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    },
  });
  const cdn = new Native("cloudfront:Distribution", "cdn", {
    distributionConfig: {
      enabled: true,
      origins: [
        {
          id: "fn",
          domainName: url.output("functionUrl").apply((address) => new URL(address).host),
          ...(signed ? { originAccessControlId: control.id } : {}),
          customOriginConfig: { originProtocolPolicy: "https-only" },
        },
      ],
      defaultCacheBehavior: { targetOriginId: "fn", viewerProtocolPolicy: "redirect-to-https" },
    },
  });
  const sourceArn = pulumi.interpolate`arn:aws:cloudfront::123456789012:distribution/${cdn.id}`;
  for (const [name, args] of Object.entries({ first: byUrl({}), second: byFunction({}) }))
    new Native("lambda:Permission", name, { functionName: fn.arn, principal: OAC, sourceArn, ...args });
};

cases("distributions without origin access control", [
  {
    name: "permissions for the distribution, second origin in S3",
    program: withUrl(oacBoth, undefined, { signed: false, withBucket: true }),
    expected: [`${POLICY} @ cdn`],
  },
  {
    name: "origin access control for both origins",
    program: withUrl(oacBoth, undefined, { withBucket: true }),
    expected: [],
  },
  {
    name: "origin access control that never signs",
    program: withUrl(oacBoth, undefined, { control: { signingBehavior: "never" } }),
    expected: [`${POLICY} @ cdn`],
    messageIncludes: ['signingBehavior "never"'],
  },
  {
    name: "origin access control that leaves a client's signature unchanged",
    program: withUrl(oacBoth, undefined, { control: { signingBehavior: "no-override" } }),
    expected: [],
  },
  {
    name: "origin access control for S3 origins",
    program: withUrl(oacBoth, undefined, { control: { originAccessControlOriginType: "s3" } }),
    expected: [`${POLICY} @ cdn`],
    messageIncludes: ["The origin type and OAC origin type differ"],
  },
  ...[true, false].map((signed) => ({
    name: `aws-native, ${signed ? "with" : "without"} origin access control`,
    program: nativeDistribution(signed),
    expected: signed ? [] : [`${POLICY} @ cdn`],
  })),
  {
    name: "permissions for the distribution",
    program: withUrl(oacBoth, undefined, { signed: false }),
    expected: [`${POLICY} @ cdn`],
    messageIncludes: ["origin access control", "signingBehavior"],
  },
  {
    name: "no permission, clients may sign",
    program: withUrl(() => [], undefined, { signed: false }),
    expected: [`${UNPROVEN} @ cdn`],
  },
  {
    name: "permissions for another distribution",
    program: withUrl(
      () => [byUrl({ sourceArn: DISTRIBUTION }), byFunction({ sourceArn: DISTRIBUTION })],
      undefined,
      {
        signed: false,
      },
    ),
    expected: [`${UNPROVEN} @ cdn`],
  },
  {
    name: "Lambda@Edge function, which may sign requests",
    program: withUrl(oacBoth, undefined, {
      signed: false,
      behavior: { lambdaFunctionAssociations: [association] },
    }),
    expected: [],
  },
  {
    name: "URL with authorization type NONE",
    program: withUrl(
      () => [],
      () => ({ authorizationType: "NONE" }),
      { signed: false },
    ),
    expected: [],
  },
  {
    name: "origin that is not a function URL",
    program: withUrl(
      () => [],
      () => false,
      { signed: false },
    ),
    expected: [],
  },
]);
