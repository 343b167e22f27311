/** Sample reports: a typical one, a big one, one on several stacks, and one with hostile names. */

import { showFix } from "../../../messages";
import { createPolicies } from "../../../pulumi";
import type { Answer, FindingEntry, Outcome, PolicyEntry, Report, RouteEntry } from "../../../report/model";

const ACCOUNT = "eu-west-1:123456789012";

export function urn(type: string, name: string): string {
  return `urn:pulumi:dev::shop::${type}::${name}`;
}

function statement(action: string, resource: string): string {
  return JSON.stringify({ Effect: "Allow", Action: action, Resource: resource }, undefined, 2);
}

const SYMPTOM =
  "500 API_CONFIGURATION_ERROR: Execution failed due to configuration error: Invalid permissions on Lambda function";

function samplePolicies(): PolicyEntry[] {
  return createPolicies().map(({ name, displayName, description, enforcementLevel, severity, url }) => ({
    name,
    displayName: displayName ?? "",
    description,
    level: (enforcementLevel ?? "advisory") as PolicyEntry["level"],
    severity: severity ?? "low",
    remediation: "",
    url: url ?? "",
  }));
}

interface RouteSketch extends Partial<RouteEntry> {
  readonly at: string;
}

/** Two APIs, four callers, and one verdict of each kind that can be denied. */
export function smallReport(): Report {
  const functions = ["orders", "catalog", "payments:live", "audit", "sessions"].map((label, index) => ({
    id: `function-${index + 1}`,
    label,
    urn: urn("aws:lambda/function:Function", label.replace(/:.*/, "")),
    arn: `arn:aws:lambda:${ACCOUNT}:function:${label}`,
  }));
  const [orders = "", catalog = "", payments = "", audit = "", sessions = ""] = functions.map(({ id }) => id);
  const sketches: RouteSketch[] = [
    { at: "GET /catalog", api: "api-2", authorization: "NONE", functions: [catalog], stages: ["$default"] },
    {
      at: "GET /catalog/{id}",
      api: "api-2",
      authorization: "NONE",
      functions: [catalog],
      stages: ["$default"],
    },
    { at: "POST /catalog", api: "api-2", functions: [catalog], stages: ["$default"] },
    { at: "GET /health", authorization: "NONE", credentials: "no function" },
    { at: "GET /orders", functions: [orders] },
    { at: "GET /orders/{id}", functions: [orders] },
    { at: "POST /orders", functions: [orders] },
    { at: "POST /payments", credentials: "caller", functions: [payments] },
    { at: "POST /payments/{id}/refund", credentials: "role", functions: [payments] },
    { at: "GET /audit", authorization: "LAMBDA", functions: [audit] },
  ];
  const routes = sketches.map(({ at, ...more }, index): RouteEntry => {
    const [method = "", path = ""] = at.split(" ");
    return {
      id: `route-${index + 1}`,
      api: "api-1",
      method,
      path,
      label: at,
      authorization: "AWS_IAM",
      credentials: "none",
      functions: [],
      stages: ["live"],
      urn: urn("aws:apigateway/integration:Integration", at.replace(/\W+/g, "-").toLowerCase()),
      ...more,
    };
  });
  const callers = ["storefront", "back-office", "reporting", "payments-worker"].map((name, index) => ({
    id: `caller-${index + 1}`,
    kind: "role" as const,
    name,
    label: `role "${name}"`,
    urn: urn("aws:iam/role:Role", name),
    arn: `arn:aws:iam::123456789012:role/${name}`,
  }));
  const idOf = (label: string): string => routes.find((route) => route.label === label)?.id ?? "";
  const answers: Omit<Answer, "id">[] = [];

  const calls: Record<string, string[]> = {
    storefront: ["GET /orders", "GET /orders/{id}", "POST /orders", "POST /payments"],
    "back-office": ["GET /orders", "GET /orders/{id}", "POST /catalog", "POST /payments/{id}/refund"],
    reporting: ["GET /orders"],
    "payments-worker": ["POST /payments", "POST /payments/{id}/refund"],
  };
  for (const caller of callers)
    for (const label of calls[caller.name] ?? [])
      answers.push({
        gate: "caller-route",
        outcome: "allowed",
        question: `${caller.label} can call ${label}`,
        policy: "caller-execute-api-invoke",
        rule: "AWS",
        routes: [idOf(label)],
        caller: caller.id,
        urn: caller.urn,
        evidence: [
          `Statement "Call" of policy "${caller.name}-calls" allows execute-api:Invoke on arn:aws:execute-api:${ACCOUNT}:<id of the API>/live/*.`,
        ],
        doubts: [],
        inferredFrom: [],
      });
  const invocation = (
    name: string,
    label: string,
    labels: string[],
    outcome: Outcome,
    more: Partial<Answer> = {},
  ): void => {
    const caller = callers.find((entry) => entry.name === name);
    const fn = functions.find((entry) => entry.label === label);
    if (caller === undefined || fn === undefined) throw new Error(`${name} ${label}`);
    answers.push({
      gate: "caller-function",
      outcome,
      question: `${caller.label} can invoke function ${label}`,
      policy: "iam-route-caller-lambda-invoke",
      rule: "two-step",
      routes: labels.map(idOf),
      caller: caller.id,
      function: fn.id,
      urn: caller.urn,
      evidence:
        outcome === "allowed"
          ? [`Statement "Invoke" of policy "${name}-calls" allows lambda:InvokeFunction on ${fn.arn}.`]
          : [],
      doubts: [],
      inferredFrom: [],
      ...more,
    });
  };
  invocation("storefront", "orders", ["GET /orders", "GET /orders/{id}", "POST /orders"], "allowed");
  invocation("storefront", "payments:live", ["POST /payments"], "denied", {
    policy: "caller-credentials-lambda-invoke",
    rule: "AWS",
    symptom: SYMPTOM,
    evidence: [
      `No statement of role "storefront" allows lambda:InvokeFunction on arn:aws:lambda:${ACCOUNT}:function:payments:live.`,
      `Nearest: statement "Invoke" of policy "storefront-calls" names arn:aws:lambda:${ACCOUNT}:function:orders, which differs in the function's name.`,
    ],
    fix: {
      text: 'add this statement to a policy of role "storefront"',
      code: statement("lambda:InvokeFunction", `arn:aws:lambda:${ACCOUNT}:function:payments:live`),
      alternative:
        "Safer: drop `credentials` from the integration and allow API Gateway to invoke the function with a permission instead.",
    },
  });
  invocation("back-office", "orders", ["GET /orders", "GET /orders/{id}"], "allowed");
  invocation("back-office", "catalog", ["POST /catalog"], "unproven", {
    doubts: [
      'Unknown: the policy document of "catalog-editors", which depends on the stack reference platform/prod.',
    ],
    fix: {
      text: 'Deploy the stack that contains "catalog-editors" first, or attach the statement in this stack.',
    },
  });
  invocation("reporting", "orders", ["GET /orders"], "denied", {
    evidence: ['No statement of role "reporting" names lambda:InvokeFunction.'],
    inferred: true,
    inferredFrom: ["orders-api (aws:apigateway/restApi:RestApi)"],
    fix: {
      text: 'add this statement to a policy of role "reporting"',
      code: statement("lambda:InvokeFunction", `arn:aws:lambda:${ACCOUNT}:function:orders`),
    },
  });
  invocation("payments-worker", "payments:live", ["POST /payments"], "allowed", {
    policy: "caller-credentials-lambda-invoke",
    rule: "AWS",
  });

  const allowsInvokeFrom = (
    labels: string[],
    label: string,
    outcome: Outcome,
    more: Partial<Answer> = {},
  ): void => {
    const fn = functions.find((entry) => entry.label === label);
    const [first] = routes.filter((route) => route.label === labels[0]);
    answers.push({
      gate: "route-function",
      outcome,
      question: `function ${label} allows API Gateway to invoke it for ${labels.join(", ")}`,
      policy: "route-function-permission",
      rule: "AWS",
      routes: labels.map(idOf),
      function: fn?.id ?? "",
      urn: first?.urn ?? "",
      evidence: outcome === "allowed" ? [`Permission "${label}-from-api" allows the source ARN.`] : [],
      doubts: [],
      inferredFrom: [],
      ...more,
    });
  };
  allowsInvokeFrom(["GET /orders", "GET /orders/{id}", "POST /orders"], "orders", "allowed");
  allowsInvokeFrom(["GET /catalog", "POST /catalog"], "catalog", "allowed");
  allowsInvokeFrom(["GET /catalog/{id}"], "catalog", "denied", {
    symptom: SYMPTOM,
    evidence: [
      `Permission "catalog-from-api" allows arn:aws:execute-api:${ACCOUNT}:<id of the API>/*/GET/catalog, which misses the route by its path.`,
    ],
    fix: {
      text: "add this permission",
      code: [
        'new aws.lambda.Permission("catalog-by-id", {',
        '  action: "lambda:InvokeFunction",',
        "  function: catalog.name,",
        '  principal: "apigateway.amazonaws.com",',
        "  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/catalog/{id}`,",
        "});",
      ].join("\n"),
    },
  });
  allowsInvokeFrom(["GET /audit"], "audit", "allowed");
  answers.push(
    {
      gate: "authorizer-function",
      outcome: "allowed",
      question: "API Gateway can invoke the authorizer of GET /audit",
      policy: "authorizer-function-permission",
      rule: "AWS",
      routes: [idOf("GET /audit")],
      function: sessions,
      urn: urn("aws:apigateway/authorizer:Authorizer", "sessions"),
      evidence: ['Permission "authorizer-from-api" allows the source ARN.'],
      doubts: [],
      inferredFrom: [],
    },
    {
      gate: "role-function",
      outcome: "allowed",
      question: 'role "gateway" can invoke function payments:live',
      policy: "integration-role-lambda-invoke",
      rule: "AWS",
      routes: [idOf("POST /payments/{id}/refund")],
      function: payments,
      urn: urn("aws:iam/role:Role", "gateway"),
      evidence: [
        'Statement 1 of policy "gateway" allows lambda:InvokeFunction.',
        "The role trusts API Gateway.",
      ],
      doubts: [],
      inferredFrom: [],
    },
  );

  return {
    schemaVersion: 1,
    tool: { name: "apigateway-lambda-access", version: "0.1.0" },
    inputs: [{ name: "state.json", as: "state", project: "shop", stack: "dev", resources: 68 }],
    policies: samplePolicies(),
    apis: [
      {
        id: "api-1",
        name: "orders-api",
        urn: urn("aws:apigateway/restApi:RestApi", "orders-api"),
        kind: "REST",
      },
      { id: "api-2", name: "catalog-api", urn: urn("aws:apigatewayv2/api:Api", "catalog-api"), kind: "HTTP" },
    ],
    functions,
    callers,
    routes,
    answers: answers.map((answer, index) => ({
      id: `answer-${index + 1}`,
      ...answer,
    })),
    findings: answers.flatMap((answer): FindingEntry[] =>
      answer.outcome === "allowed" ? [] : [findingOf(answer)],
    ),
    exempted: [],
  };
}

function findingOf(answer: Omit<Answer, "id">): FindingEntry {
  const [, , type = "", name = ""] = answer.urn.split("::");
  const unproven = answer.outcome === "unproven";
  return {
    policy: unproven ? "unproven-access" : answer.policy,
    level: unproven ? "advisory" : "mandatory",
    severity: unproven ? "low" : "high",
    urn: answer.urn,
    name,
    type,
    message: [
      `${answer.question}: ${answer.outcome}.`,
      ...(answer.symptom === undefined ? [] : [`Why: ${answer.symptom}`]),
      ...[...answer.evidence, ...answer.doubts].map((line) => `  - ${line}`),
      ...(answer.fix === undefined ? [] : [`Fix:\n${showFix(answer.fix)}`]),
    ].join("\n"),
  };
}

/**
 * Every caller calls every route: 500 routes and 100 callers have 100,000 verdicts. One in fifty is denied, and one in
 * fifty is unproven.
 */
/** The typical report for several stacks, the last of which works. */
export function fleetReport(stackCount: number): Report {
  const report = smallReport();
  const copies = Array.from({ length: stackCount }, (_, index): Report => {
    const number = index + 1;
    const text = JSON.stringify(report)
      .replaceAll("urn:pulumi:dev::shop::", `urn:pulumi:prod::team-${number}::`)
      .replace(/"((?:api|route|caller|function|answer)-\d+)"/g, `"stack-${number}-$1"`);
    const copy = JSON.parse(text) as Report;
    const works = number === stackCount;
    return {
      ...copy,
      inputs: [
        { name: `team-${number}.json`, as: "state", project: `team-${number}`, stack: "prod", resources: 68 },
      ],
      answers: works ? copy.answers.map((answer) => ({ ...answer, outcome: "allowed" })) : copy.answers,
      findings: works ? [] : copy.findings,
    };
  });
  const all = <K extends "inputs" | "apis" | "functions" | "callers" | "routes" | "answers" | "findings">(
    part: K,
  ) => copies.flatMap((copy): readonly unknown[] => copy[part]) as unknown as Report[K];
  return {
    ...report,
    inputs: all("inputs"),
    apis: all("apis"),
    functions: all("functions"),
    callers: all("callers"),
    routes: all("routes"),
    answers: all("answers"),
    findings: all("findings"),
  };
}

export function bigReport(routeCount: number, callerCount: number): Report {
  const functionCount = Math.max(1, Math.ceil(routeCount / 5));
  const functions = Array.from({ length: functionCount }, (_, index) => ({
    id: `function-${index + 1}`,
    label: `service-${index + 1}`,
    urn: urn("aws:lambda/function:Function", `service-${index + 1}`),
    arn: `arn:aws:lambda:${ACCOUNT}:function:service-${index + 1}`,
  }));
  const apis = Array.from({ length: 5 }, (_, index) => ({
    id: `api-${index + 1}`,
    name: `domain-${index + 1}`,
    urn: urn("aws:apigateway/restApi:RestApi", `domain-${index + 1}`),
    kind: "REST" as const,
  }));
  const routes = Array.from({ length: routeCount }, (_, index): RouteEntry => {
    const method = ["GET", "POST", "PUT", "DELETE"][index % 4] ?? "GET";
    const path = `/v1/collection-${index + 1}/{id}/items`;
    return {
      id: `route-${index + 1}`,
      api: `api-${(index % 5) + 1}`,
      method,
      path,
      label: `${method} ${path}`,
      authorization: "AWS_IAM",
      credentials: "caller",
      functions: [`function-${(index % functionCount) + 1}`],
      stages: ["live", "test"],
      urn: urn("aws:apigateway/integration:Integration", `collection-${index + 1}`),
    };
  });
  const callers = Array.from({ length: callerCount }, (_, index) => ({
    id: `caller-${index + 1}`,
    kind: "role" as const,
    name: `application-${index + 1}`,
    label: `role "application-${index + 1}"`,
    urn: urn("aws:iam/role:Role", `application-${index + 1}`),
    arn: `arn:aws:iam::123456789012:role/application-${index + 1}`,
  }));
  const answers: Answer[] = [];
  for (const [c, caller] of callers.entries())
    for (const [r, route] of routes.entries()) {
      const share = (c * 31 + r * 17) % 50;
      const outcome: Outcome = share === 0 ? "denied" : share === 1 ? "unproven" : "allowed";
      const fn = functions[r % functionCount];
      answers.push(
        {
          id: `answer-${answers.length + 1}`,
          gate: "caller-route",
          outcome: "allowed",
          question: `${caller.label} can call ${route.label}`,
          policy: "caller-execute-api-invoke",
          rule: "AWS",
          routes: [route.id],
          caller: caller.id,
          urn: caller.urn,
          evidence: [
            `Statement "Call" of policy "${caller.name}" allows execute-api:Invoke on arn:aws:execute-api:${ACCOUNT}:*/*.`,
          ],
          doubts: [],
          inferredFrom: [],
        },
        {
          id: `answer-${answers.length + 2}`,
          gate: "caller-function",
          outcome,
          question: `${caller.label} can invoke function ${fn?.label} for ${route.label}`,
          policy: "caller-credentials-lambda-invoke",
          rule: "AWS",
          routes: [route.id],
          caller: caller.id,
          function: fn?.id ?? "",
          urn: caller.urn,
          evidence: [`Statement "Invoke" of policy "${caller.name}" was evaluated for ${fn?.arn}.`],
          doubts: outcome === "unproven" ? ["Unknown: a policy document."] : [],
          inferredFrom: [],
          ...(outcome === "denied"
            ? {
                symptom: SYMPTOM,
                fix: {
                  text: `add this statement to a policy of ${caller.label}`,
                  code: statement("lambda:InvokeFunction", fn?.arn ?? ""),
                },
              }
            : {}),
        },
      );
    }
  return {
    schemaVersion: 1,
    tool: { name: "apigateway-lambda-access", version: "0.1.0" },
    inputs: [{ name: "state.json", as: "state", project: "platform", stack: "prod", resources: 10_000 }],
    policies: samplePolicies(),
    apis,
    functions,
    callers,
    routes,
    answers,
    findings: callers.map((caller) => ({
      policy: "caller-credentials-lambda-invoke",
      level: "mandatory",
      severity: "high",
      urn: caller.urn,
      name: caller.name,
      type: "aws:iam/role:Role",
      message: `${caller.label} cannot invoke the functions behind ten routes.`,
    })),
    exempted: [],
  };
}

/** Names that would affect a page that renders them as markup or code, or without escaping control characters. */
export const HOSTILE = [
  `</script><script>alert("script")</script>`,
  `<img src=x onerror=alert("img")>`,
  `<svg onload=alert("svg")>`,
  `"><iframe srcdoc="<script>alert('frame')</script>">`,
  `javascript:alert("address")`,
  `<!--<script>`,
  `]]>&lt;b&gt;&#60;`,
  "__proto__",
  "constructor",
  "nice\u202Etxt.exe\u202C\u2066\u200B",
  "line\u2028separator\u2029end\u0000\u001B[31m",
  "\uD800 alone",
  "' OR 1=1; --",
  "${alert(1)} {{alert(2)}}",
  "x".repeat(5000),
] as const;

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === "object";
}

/** {@link smallReport} in which every text that a user can choose is hostile. */
export function hostileReport(): Report {
  let counter = 0;
  const keptNames = new Set([
    "id",
    "api",
    "caller",
    "function",
    "routes",
    "kind",
    "outcome",
    "gate",
    "rule",
    "authorization",
    "credentials",
    "as",
    "level",
    "severity",
  ]);
  const withHostileTexts = (value: unknown): unknown => {
    if (typeof value === "string") return `${HOSTILE[counter++ % HOSTILE.length]}${value}`;
    if (Array.isArray(value)) return value.map(withHostileTexts);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        keptNames.has(key) && !isListOfObjects(inner) ? inner : withHostileTexts(inner),
      ]),
    );
  };
  const { schemaVersion, tool, ...rest } = smallReport();
  return { schemaVersion, tool, ...(withHostileTexts(rest) as Omit<Report, "schemaVersion" | "tool">) };
}
