import { type Piece, text, Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { Credentials, RoleUse } from "../facts";
import { fieldOf, labelOf, type ReadableResource, read, readString, stringOf } from "../pulumi/properties";
import {
  plannedDependencies,
  type ResourceIndex,
  resolveReference,
  unknownOrigins,
} from "../pulumi/resource-index";
import { distributionSettings } from "./distributions";

type Role = Extract<Credentials, { readonly mode: "role" }>;

const ASSUME: readonly string[] = ["sts:AssumeRole"];

/**
 * The resources that use the credentials of a role, and the service that assumes it for them:
 *
 * - Lambda functions: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 * - those that CloudFront runs:
 *   https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
 * - ECS tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 * - EC2 instances: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
 * - pods of EKS: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
 * - service accounts of Kubernetes (IRSA):
 *   https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
 */
export function readRoleUses(resources: ResourceIndex): readonly RoleUse[] {
  const rolesByArn = (planned: ReadableResource, property: string): readonly Role[] => {
    const role = credentialsOf(resources, readString(planned, property), planned, property);
    return role.mode === "role" ? [role] : [];
  };
  const usesBy =
    (service: string, actions = ASSUME) =>
    (planned: ReadableResource, roles: readonly Role[]): readonly RoleUse[] =>
      roles.map((role) => ({ urn: planned.urn, label: labelOf(planned), service, actions, role }));
  const lambda = usesBy("lambda.amazonaws.com");
  const edge = usesBy("edgelambda.amazonaws.com");
  const tasks = usesBy("ecs-tasks.amazonaws.com");
  const instances = usesBy("ec2.amazonaws.com");
  const pods = usesBy("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]);
  return [
    ...resources.ofKind("Function").flatMap((planned) => lambda(planned, rolesByArn(planned, "role"))),
    ...edgeFunctions(resources).flatMap((planned) => edge(planned, rolesByArn(planned, "role"))),
    ...resources
      .ofKind("TaskDefinition")
      .flatMap((planned) => tasks(planned, rolesByArn(planned, "taskRoleArn"))),
    ...resources
      .ofKind("InstanceProfile")
      .flatMap((planned) => instances(planned, instanceProfileRoles(resources, planned))),
    ...resources
      .ofKind("PodIdentityAssociation")
      .flatMap((planned) => pods(planned, rolesByArn(planned, "roleArn"))),
    ...resources.ofKind("ServiceAccount").flatMap((planned) => serviceAccount(resources, planned)),
  ];
}

/** A service account that is annotated with a role. */
function serviceAccount(resources: ResourceIndex, planned: ReadableResource): readonly RoleUse[] {
  const metadata = read(planned, "metadata");
  const arn = stringOf(fieldOf(metadata, "annotations"), "eks.amazonaws.com/role-arn");
  const role = credentialsOf(resources, arn, planned, "metadata");
  if (role.mode !== "role") return [];
  const [namespace, name] = ["namespace", "name"].map((field): Piece => {
    const value = stringOf(metadata, field);
    if (typeof value === "string") return value;
    // Without a namespace, that of the provider's configuration applies.
    return {
      id: `${field} of ${planned.urn}`,
      shape: "word",
      label: { code: "property", property: field, of: labelOf(planned) },
      origins: unknownOrigins(planned, "metadata"),
    };
  }) as [Piece, Piece];
  return [
    {
      urn: planned.urn,
      label: labelOf(planned),
      service: "sts.amazonaws.com",
      actions: ["sts:AssumeRoleWithWebIdentity"],
      subject: text("system:serviceaccount:", namespace, ":", name),
      role,
    },
  ];
}

/** The role of an instance profile, which names it. */
function instanceProfileRoles(resources: ResourceIndex, planned: ReadableResource): readonly Role[] {
  const roleNamed = (name: unknown): ReadableResource | undefined =>
    resources.ofKind("Role").find((role) => typeof name === "string" && readString(role, "name") === name);
  const { target } = resolveReference(resources, planned, "role", {
    byValue: roleNamed,
    byDependency: (planned) => (planned.kind === "Role" ? planned : undefined),
  });
  const roles = read(planned, "roles");
  const [only] = Array.isArray(roles) ? roles : [];
  const role =
    target ?? roleNamed(only) ?? (only instanceof Unknown ? onlyRole(resources, planned) : undefined);
  return role === undefined ? [] : [{ mode: "role", arn: new Unknown(), roleUrn: role.urn, origins: [] }];
}

function onlyRole(resources: ResourceIndex, planned: ReadableResource): ReadableResource | undefined {
  const [only, ...more] = plannedDependencies(resources, planned, "roles").filter(
    ({ kind }) => kind === "Role",
  );
  return more.length === 0 ? only : undefined;
}

/** The functions of the stack with a version that a distribution of the stack runs. */
function edgeFunctions(resources: ResourceIndex): readonly ReadableResource[] {
  const arns = new Set<string>();
  for (const planned of resources.ofKind("Distribution"))
    for (const behavior of distributionSettings(planned).behaviors) {
      const associations = fieldOf(behavior, "lambdaFunctionAssociations");
      for (const entry of Array.isArray(associations) ? associations : []) {
        // `lambdaFunctionArn` in `aws-native`.
        const arn = fieldOf(entry, "lambdaArn") ?? fieldOf(entry, "lambdaFunctionArn");
        if (typeof arn === "string") arns.add(arn.replace(/:[^:]+$/, ""));
      }
    }
  return arns.size === 0
    ? []
    : resources.ofKind("Function").filter((planned) => {
        const arn = readString(planned, "arn");
        return typeof arn === "string" && arns.has(arn);
      });
}
