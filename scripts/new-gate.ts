/**
 * Creates a gate and the policy that reports it: `npm run new-gate GATE POLICY`. It adds the files of the gate in
 * access/gates/ and messages/verdicts/, its test, its policy with page and test, and its row in the table of gates. The
 * new gate works and passes every check; its rule, its sentences and its test cases are placeholders to replace.
 */
import { pascalCase } from "../messages/text";
import {
  apply,
  type Change,
  camelCase,
  checkName,
  policyList,
  type Read,
  requireNew,
  withInsertedLines,
} from "./new-policy";

/** The changes to the files of the project that add a gate. Throws for invalid names. */
export function newGate(gate: string, policy: string, read: Read): readonly Change[] {
  checkName("gate", gate);
  checkName("policy", policy);
  const files = [
    { file: `access/gates/${gate}/verdict.ts`, text: verdictFile(gate) },
    { file: `access/gates/${gate}/routes.ts`, text: routesFile(gate) },
    { file: `messages/verdicts/${gate}.ts`, text: messagesFile(gate) },
    { file: `test/access/gates/${gate}.test.ts`, text: gateTestFile(gate) },
    { file: `policies/${policy}.ts`, text: policyFile(gate, policy) },
    { file: `docs/policies/${policy}.md`, text: pageFile(policy) },
    { file: `test/policies/${policy}.test.ts`, text: policyTestFile(policy) },
  ];
  return [...requireNew(files, read), gateTable(gate, policy, read), policyList(policy, "stack", read)];
}

function gateTable(gate: string, policy: string, read: Read): Change {
  const verdict = `${pascalCase(gate)}Verdict`;
  const { file, text } = withInsertedLines(read, "access/gates/table.ts", [
    [/^import type .*$/m, `import type { ${verdict} } from "./${gate}/verdict";`],
    [/^interface Verdicts \{$/m, `  "${gate}": ${verdict};`],
  ]);
  return { file, text: text.replace(/^\} as const satisfies /m, (end) => `${row(gate, policy)}${end}`) };
}

function row(gate: string, policy: string): string {
  return `  "${gate}": {
    column: "${gate.toUpperCase()}",
    question: "Do requests to the route have an identity?",
    answers: "requests to {routes} have an identity",
    principal: "everyone",
    resource: "route",
    actions: ["execute-api:Invoke"],
    rule: "aws",
    status: "403",
    appliesTo: "some-routes",
    policies: ["${policy}"],
  },
`;
}

function verdictFile(gate: string): string {
  const name = pascalCase(gate);
  return `import { type Answer, type VerdictFields, NO_UNKNOWNS } from "../../answer";
import { GATES } from "../table";

/** Whether anyone may call a route. */
export interface ${name}Verdict extends Answer {
  readonly gate: "${gate}";
  readonly cause: "authorization";
}

/** Completes a verdict with the gate, its actions and empty lists for fields that are not given. */
export function ${camelCase(gate)}Verdict(fields: VerdictFields<${name}Verdict>): ${name}Verdict {
  return { gate: "${gate}", actions: GATES["${gate}"].actions, ...NO_UNKNOWNS, ...fields };
}
`;
}

function routesFile(gate: string): string {
  const name = pascalCase(gate);
  return `import { Unknown } from "../../../iam";
import type { Route } from "../../../stack";
import type { Access } from "../../decisions/access";
import { dependenciesOf, routeName } from "../../unknowns";
import { type ${name}Verdict, ${camelCase(gate)}Verdict } from "./verdict";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html */
export function ${camelCase(gate)}({ facts }: Access): readonly ${name}Verdict[] {
  return facts.routes.map(verdictOn);
}

function verdictOn(route: Route): ${name}Verdict {
  const { authorization, definedBy, api } = route;
  const about = { urn: definedBy[0] ?? api.urn, routes: [route], cause: "authorization" } as const;
  if (!(authorization instanceof Unknown))
    return ${camelCase(gate)}Verdict({ ...about, outcome: authorization === "NONE" ? "denied" : "allowed" });
  const subject = { code: "route-authorization", route: routeName(route) } as const;
  return ${camelCase(gate)}Verdict({
    ...about,
    outcome: "unproven",
    unknowns: [{ subject, dependsOn: dependenciesOf(authorization) }],
  });
}
`;
}

function messagesFile(gate: string): string {
  const name = pascalCase(gate);
  return `import type { Denied, SameReason } from "../../access";
import type { ${name}Verdict } from "../../access/gates/${gate}/verdict";
import type { Description } from "../description";
import { showRoutes } from "../names";

/** Routes that anyone may call. */
export function describe${name}(verdicts: SameReason<Denied<${name}Verdict>>): Description {
  const routes = verdicts.flatMap((verdict) => verdict.routes);
  return {
    finding: \`\${showRoutes(routes)} has no authorization\`,
    explanation: "API Gateway gives requests to a route without authorization no identity (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html).",
    evidence: [],
    fix: { text: "set an authorization type on the route." },
  };
}
`;
}

function gateTestFile(gate: string): string {
  return `import { ${camelCase(gate)} } from "../../../access/gates/${gate}/routes";
import { Unknown } from "../../../iam";
import { route, rows } from "./facts";

describe("${gate}", () => {
  rows(${camelCase(gate)}, [
    {
      name: "allowed with IAM authorization",
      facts: { routes: [route()] },
      verdicts: ["${gate} allowed authorization"],
    },
    {
      name: "denied without authorization",
      facts: { routes: [route({ authorization: "NONE" })] },
      verdicts: ["${gate} denied authorization"],
    },
    {
      name: "unproven while the authorization is unknown",
      facts: { routes: [route({ authorization: new Unknown() })] },
      verdicts: ["${gate} unproven authorization route-authorization"],
    },
  ]);
});
`;
}

function policyFile(gate: string, policy: string): string {
  return `import { ${camelCase(gate)} } from "../access/gates/${gate}/routes";
import { describe${pascalCase(gate)} } from "../messages/verdicts/${gate}";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "${policy}",
  displayName: "Routes have an authorization",
  description: "A route without authorization can be called by anyone.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Set an authorization type on the route.",
};

export const ${camelCase(policy)}: StackPolicy = gatePolicy(
  metadata,
  {},
  ${camelCase(gate)},
  describe${pascalCase(gate)},
);
`;
}

function policyTestFile(policy: string): string {
  return `import { runCases } from "../support/cases";
import { restStack } from "../support/rest";

const POLICY = "${policy}";
const only = [POLICY];

describe(POLICY, () => {
  runCases([
    { name: "IAM authorization", only, program: restStack({ authorization: "AWS_IAM" }), expected: [] },
    {
      name: "no authorization",
      only,
      program: restStack({ authorization: "NONE" }),
      expected: [\`\${POLICY} @ integration\`],
    },
  ]);
});
`;
}

function pageFile(policy: string): string {
  const method = (authorization: string): string => `\`\`\`typescript
new aws.apigateway.Method("list", { ...orders, httpMethod: "GET", authorization: "${authorization}" });
new aws.apigateway.Integration("list", {
  ...orders,
  httpMethod: "GET",
  type: "AWS_PROXY",
  integrationHttpMethod: "POST",
  uri: fn.invokeArn,
});
\`\`\``;
  return `# ${policy}

| | |
|---|---|
| Name | \`${policy}\` |
| Kind | stack policy |
| Level | advisory |
| Severity | low |
| Configuration | \`exempt\`, \`whenUnknown\` |
| Whose rule | AWS's own |

## What it reports

A route has no authorization.

## Why

**AWS's own rule.** Requests to a route
[without authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html)
have no identity.

## At run time

Nothing fails.

## How to fix

Set an authorization type on the route.

## Examples

The examples continue [this program](README.md#the-program-around-the-examples).

### Fails

${method("NONE")}

### Passes

${method("AWS_IAM")}

## When it is inferred or unproven

A route whose authorization is unknown is unproven.

## Configuration

[\`exempt\`](../configuration.md#exempt) by the name or URN of the route,
[\`whenUnknown\`](../configuration.md#whenunknown).

## When not to use it

For APIs that are public.
`;
}

if (require.main === module) {
  const [, , gate = "", policy = ""] = process.argv;
  apply(
    (read) => newGate(gate, policy, read),
    `npx mocha test/access/gates/${gate}.test.ts test/policies/${policy}.test.ts, and replace the rule, the messages, the page and the rows.`,
  );
}
