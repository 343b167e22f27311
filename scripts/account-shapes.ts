/**
 * Writes the shapes of account data, from the service models of the AWS CLI:
 *
 *     pip install botocore && node -r ts-node/register/transpile-only scripts/account-shapes.ts
 *
 * The models are at https://github.com/boto/botocore/tree/develop/botocore/data
 */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";

const FILE = path.resolve(__dirname, "../test/account/shapes.json");

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  iam: ["GetAccountAuthorizationDetails"],
  lambda: ["GetPolicy", "GetFunction", "GetFunctionUrlConfig", "ListFunctionUrlConfigs"],
  apigateway: ["GetRestApi", "GetRestApis", "GetResources"],
  apigatewayv2: ["GetApi", "GetApis", "GetRoutes", "GetIntegrations", "GetAuthorizers"],
  organizations: ["DescribePolicy", "ListPoliciesForTarget"],
};

interface Model {
  readonly operations: Readonly<Record<string, { readonly output: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

interface Member {
  readonly shape: string;
  readonly locationName?: string;
}

interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly value?: Member;
}

/** The names of members, with their members; `*` for the members of a list and the values of a map. */
function membersOf({ shapes }: Model, name: string, ancestors: readonly string[] = []): object | string {
  const shape = shapes[name];
  if (shape === undefined || ancestors.includes(name)) return "…";
  const nested = (member: Member): object | string =>
    membersOf({ shapes } as Model, member.shape, [...ancestors, name]);
  if (shape.member !== undefined) return { "*": nested(shape.member) };
  if (shape.value !== undefined) return { "*": nested(shape.value) };
  if (shape.members === undefined) return shape.type;
  return Object.fromEntries(Object.entries(shape.members).map(([key, member]) => [key, nested(member)]));
}

function modelOf(service: string, data: string): Model {
  const folder = path.join(data, service);
  const newest = fs.readdirSync(folder).sort().at(-1) ?? "";
  const file = path.join(folder, newest, "service-2.json");
  const text = fs.existsSync(file) ? fs.readFileSync(file) : gunzipSync(fs.readFileSync(`${file}.gz`));
  return JSON.parse(text.toString("utf8"));
}

const [data = "", version = ""] = execFileSync(
  "python3",
  [
    "-c",
    "import botocore, os; print(os.path.join(botocore.__path__[0], 'data')); print(botocore.__version__)",
  ],
  { encoding: "utf8" },
)
  .trim()
  .split(/\r?\n/);

const shapes = Object.entries(OPERATIONS).flatMap(([service, operations]) => {
  const model = modelOf(service, data);
  return operations.map((operation) => [
    `${service} ${operation}`,
    membersOf(model, model.operations[operation]?.output.shape ?? ""),
  ]);
});
fs.writeFileSync(
  FILE,
  `${JSON.stringify({ botocore: version, ...Object.fromEntries(shapes) }, undefined, 1)}\n`,
);
