/**
 * The speed of `iam`, in processor time, which hardly depends on the load of the machine. Prints decisions per second
 * on typical documents, and the time for the worst case: 1,000 callers × 1,000 routes, with 50 statements per caller
 * that all apply to the action. Part of `npm run bench`; alone: `node -r ts-node/register/transpile-only bench/iam.ts`.
 */
import {
  type Context,
  decide,
  directCallContext,
  functionArn,
  type Hole,
  type IdentityPolicies,
  type Principal,
  parseDocument,
  roleArn,
  type Text,
  text,
} from "../iam";

const ACCOUNT = "123456789012";
const place = { partition: ["aws"], region: ["us-east-1"], account: [ACCOUNT] } as const;

interface Caller {
  readonly principal: Principal;
  readonly identity: IdentityPolicies;
  readonly context: Context;
}

function caller(name: string, statements: readonly object[]): Caller {
  const principal: Principal = { kind: "role", arn: roleArn({ ...place, name: [name] }), account: [ACCOUNT] };
  const document = parseDocument(
    JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    "identity",
  );
  return {
    principal,
    identity: { sources: [{ label: `policy of ${name}`, document }], unseen: [] },
    context: directCallContext({ caller: principal }),
  };
}

function measure(name: string, callers: readonly Caller[], resources: readonly Text[], action: string): void {
  const begin = process.cpuUsage();
  const answers = { yes: 0, no: 0, unknown: 0 };
  for (const { principal, identity, context } of callers)
    for (const resource of resources)
      answers[
        decide({ request: { principal, action, resource, context }, identity, sameAccount: "yes" }).answer
      ]++;
  const seconds = process.cpuUsage(begin).user / 1_000_000;
  const rate = Math.round((callers.length * resources.length) / seconds);
  console.log(
    `${name}: ${seconds.toFixed(2)} s, ${rate.toLocaleString("en")} decisions/s (${Object.entries(answers)
      .map(([answer, count]) => `${count} ${answer}`)
      .join(", ")})`,
  );
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The policy of a typical service's role: a table, a queue, logs, and a few relevant grants. */
const realistic = (index: number): readonly object[] => [
  { Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: "arn:aws:logs:*:*:*" },
  {
    Effect: "Allow",
    Action: ["dynamodb:GetItem", "dynamodb:PutItem"],
    Resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/t${index}`,
  },
  { Effect: "Allow", Action: "sqs:*", Resource: `arn:aws:sqs:us-east-1:${ACCOUNT}:q${index}` },
  {
    Effect: "Allow",
    Action: "execute-api:Invoke",
    Resource: `arn:aws:execute-api:us-east-1:${ACCOUNT}:abc/prod/*`,
  },
  {
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: [
      `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f${index}`,
      `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f${index}:*`,
    ],
  },
  { Effect: "Deny", Action: "*", Resource: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
];

/** Fifty statements on the action, none of them a prefix of another, half with wildcards. */
const worst = (index: number): readonly object[] =>
  range(50).map((statement) => ({
    Effect: "Allow",
    Action: "lambda:InvokeFunction",
    Resource: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${statement % 2 === 0 ? `*-f${index}-${statement}` : `f${index}-${statement}`}`,
  }));

const names = (count: number): readonly Text[] =>
  range(count).map((index) => functionArn({ ...place, name: [`f${index}`] }));
const holes = (count: number): readonly Text[] =>
  range(count).map((index) => {
    const name: Hole = {
      id: `f${index}`,
      shape: "word",
      universe: "functions",
      label: { code: "named", name: `f${index}` },
      origins: [],
    };
    return functionArn({
      ...place,
      account: [{ id: "account", shape: "digits", label: { code: "account" }, origins: [] }],
      name: text(name),
    });
  });

const INVOKE = "lambda:InvokeFunction";

/** All measurements; the worst case is a tenth of each with `--quick`. */
export function decisions(quick: boolean): void {
  const [callers, routes] = quick ? [100, 100] : [1_000, 1_000];
  const realisticCallers = range(100).map((index) => caller(`c${index}`, realistic(index)));
  measure("realistic, known ARNs", realisticCallers, names(routes), INVOKE);
  measure("realistic, ARNs known in part", realisticCallers, holes(routes), INVOKE);
  const begin = process.cpuUsage();
  const worstCallers = range(callers).map((index) => caller(`c${index}`, worst(index)));
  console.log(
    `reading ${callers.toLocaleString("en")} documents of 50 statements: ${(process.cpuUsage(begin).user / 1_000_000).toFixed(2)} s`,
  );
  measure(`worst case, ${callers} × ${routes} × 50, known ARNs`, worstCallers, names(routes), INVOKE);
  measure(
    `worst case, ${callers / 10} × ${routes} × 50, ARNs known in part`,
    worstCallers.slice(0, callers / 10),
    holes(routes),
    INVOKE,
  );
}

if (require.main === module) decisions(process.argv.includes("--quick"));
