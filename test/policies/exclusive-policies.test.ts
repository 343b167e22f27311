import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { type Case, runCases } from "../support/cases";
import { allow, type Base, executeOnly, restStack } from "../support/rest";

/**
 * Resources that manage all policies of a principal, or all attachments of a policy.
 *
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepolicyattachmentsexclusive/
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/rolepoliciesexclusive/
 * https://www.pulumi.com/registry/packages/aws/api-docs/iam/policyattachment/
 */
const POLICY = "iam-route-caller-lambda-invoke";
const only = [POLICY, "unproven-access"];
const DENIED = [`${POLICY} @ caller`];
const UNPROVEN = ["unproven-access @ caller"];
const REMOVES = "removes policies that it does not list";

/** The base stack with a caller that can call the route, and a managed policy for the case to attach. */
interface Resources extends Base {
  readonly caller: aws.iam.Role;
  /** The inline policy on execute-api:Invoke. */
  readonly call: aws.iam.RolePolicy;
  /** A managed policy for lambda:InvokeFunction that is not attached. */
  readonly invoke: aws.iam.Policy;
}

const invokeDocument = ({ fn }: Base): aws.iam.PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [allow("lambda:InvokeFunction", fn.arn)],
});

function withCaller(more: (resources: Resources) => void): () => void {
  return restStack({
    caller: false,
    more: (base) => {
      const call = new aws.iam.RolePolicy("call", {
        role: base.caller.name,
        policy: { Version: "2012-10-17", Statement: executeOnly(base) },
      });
      const invoke = new aws.iam.Policy("invoke", { policy: invokeDocument(base) });
      more({ ...base, call, invoke });
    },
  });
}

const attach = ({ caller, invoke }: Resources): aws.iam.RolePolicyAttachment =>
  new aws.iam.RolePolicyAttachment("attached", { role: caller.name, policyArn: invoke.arn });
const inline = (resources: Resources): aws.iam.RolePolicy =>
  new aws.iam.RolePolicy("inline", { role: resources.caller.name, policy: invokeDocument(resources) });
const exclusiveAttachments = ({ caller }: Resources, policyArns: pulumi.Input<string>[]) =>
  new aws.iam.RolePolicyAttachmentsExclusive("exclusive", { roleName: caller.name, policyArns });
const exclusiveInline = ({ caller }: Resources, policyNames: pulumi.Input<string>[]) =>
  new aws.iam.RolePoliciesExclusive("exclusive-inline", { roleName: caller.name, policyNames });

function cases(title: string, rows: readonly Case[]): void {
  describe(`exclusive policies: ${title}`, () => runCases(rows.map((row) => ({ only, ...row }))));
}

cases("RolePolicyAttachmentsExclusive", [
  {
    name: "attached policy that is listed",
    program: withCaller((resources) => {
      attach(resources);
      exclusiveAttachments(resources, [resources.invoke.arn]);
    }),
    expected: [],
  },
  {
    name: "attached policy that is not listed",
    program: withCaller((resources) => {
      attach(resources);
      exclusiveAttachments(resources, []);
    }),
    expected: UNPROVEN,
    messageIncludes: [
      'whether role "caller" keeps managed policy "invoke',
      `RolePolicyAttachmentsExclusive exclusive ${REMOVES}`,
      "add it to the list in RolePolicyAttachmentsExclusive exclusive",
    ],
  },
  {
    name: "attached policy, another policy listed",
    program: withCaller((resources) => {
      attach(resources);
      exclusiveAttachments(resources, ["arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess"]);
    }),
    expected: UNPROVEN,
  },
  {
    name: "attached policy, a looked-up policy listed",
    program: withCaller((resources) => {
      attach(resources);
      exclusiveAttachments(resources, [aws.iam.getPolicyOutput({ name: "shared" }).arn]);
    }),
    expected: UNPROVEN,
  },
  {
    name: "inline policy, empty list of attached policies",
    program: withCaller((resources) => {
      inline(resources);
      exclusiveAttachments(resources, []);
    }),
    expected: [],
  },
  {
    name: "attached AWSDenyAll that is not listed",
    program: withCaller((resources) => {
      inline(resources);
      new aws.iam.RolePolicyAttachment("deny", {
        role: resources.caller.name,
        policyArn: aws.iam.ManagedPolicy.AWSDenyAll,
      });
      exclusiveAttachments(resources, []);
    }),
    expected: UNPROVEN,
    messageIncludes: ["AWSDenyAll", REMOVES],
  },
  {
    name: "attached policy on S3 that is not listed",
    program: withCaller((resources) => {
      new aws.iam.RolePolicyAttachment("other", {
        role: resources.caller.name,
        policyArn: new aws.iam.Policy("other", {
          policy: { Version: "2012-10-17", Statement: [allow("s3:GetObject", "arn:aws:s3:::a/*")] },
        }).arn,
      });
      exclusiveAttachments(resources, []);
    }),
    expected: DENIED,
  },
]);

cases("RolePoliciesExclusive", [
  {
    name: "two inline policies, both listed",
    program: withCaller((resources) => {
      exclusiveInline(resources, [resources.call.name, inline(resources).name]);
    }),
    expected: [],
  },
  {
    name: "two inline policies, one not listed",
    program: withCaller((resources) => {
      inline(resources);
      exclusiveInline(resources, [resources.call.name]);
    }),
    expected: UNPROVEN,
    messageIncludes: [
      'whether role "caller" keeps inline policy "inline',
      `RolePoliciesExclusive exclusive-inline ${REMOVES}`,
    ],
  },
  {
    name: "one inline policy without lambda:InvokeFunction, listed",
    program: withCaller((resources) => {
      exclusiveInline(resources, [resources.call.name]);
    }),
    expected: DENIED,
  },
  {
    name: "list with an inline policy from another stack",
    program: withCaller((resources) => {
      exclusiveInline(resources, [resources.call.name, "elsewhere"]);
    }),
    expected: UNPROVEN,
    messageIncludes: [
      "the inline policies that RolePoliciesExclusive exclusive-inline lists and that are not in this stack",
    ],
  },
  {
    name: "attached policy, list of inline policies",
    program: withCaller((resources) => {
      attach(resources);
      exclusiveInline(resources, [resources.call.name]);
    }),
    expected: [],
  },
]);

/** A role from another stack with an inline policy in this stack that allows it to call the route. */
const withExternalRole = (more: () => void): (() => void) =>
  restStack({
    caller: false,
    more: (base) => {
      new aws.iam.RolePolicy("call", {
        name: "call",
        role: "outside",
        policy: { Version: "2012-10-17", Statement: executeOnly(base) },
      });
      more();
    },
  });
const exclusiveOutsideAttachments = () =>
  new aws.iam.RolePolicyAttachmentsExclusive("exclusive", { roleName: "outside", policyArns: [] });
const exclusiveOutsideInline = (...policyNames: string[]) =>
  new aws.iam.RolePoliciesExclusive("exclusive-inline", { roleName: "outside", policyNames });

cases("role outside the stack", [
  {
    name: "no exclusive resource",
    program: withExternalRole(() => {}),
    expected: ["unproven-access @ call"],
    messageIncludes: ['whether role "outside", which is not in this stack, has other policies'],
  },
  {
    name: "exclusive attachments only",
    program: withExternalRole(exclusiveOutsideAttachments),
    expected: ["unproven-access @ call"],
    messageIncludes: ["has other inline policies"],
  },
  {
    name: "exclusive inline policies only",
    program: withExternalRole(() => exclusiveOutsideInline("call")),
    expected: ["unproven-access @ call"],
    messageIncludes: ["has other managed policies"],
  },
  {
    // A role from another stack exists, and the unknown document may exist with other statements.
    name: "exclusive attachments and inline policies",
    program: withExternalRole(() => {
      exclusiveOutsideAttachments();
      exclusiveOutsideInline("call");
    }),
    expected: { "first-preview": ["unproven-access @ call"], deployed: [`${POLICY} @ call`] },
  },
  {
    name: "list with an unknown inline policy",
    program: withExternalRole(() => {
      exclusiveOutsideAttachments();
      exclusiveOutsideInline("call", "elsewhere");
    }),
    expected: ["unproven-access @ call"],
  },
  {
    name: "exclusive attachments with AWSLambda_FullAccess",
    program: withExternalRole(() => {
      new aws.iam.RolePolicyAttachmentsExclusive("exclusive", {
        roleName: "outside",
        policyArns: ["arn:aws:iam::aws:policy/AWSLambda_FullAccess"],
      });
      exclusiveOutsideInline("call");
    }),
    expected: [],
  },
]);

const outsideOf = (kind: "user" | "group") =>
  restStack({
    caller: false,
    more: (base) => {
      const policy: aws.iam.PolicyDocument = { Version: "2012-10-17", Statement: executeOnly(base) };
      if (kind === "user") {
        new aws.iam.UserPolicy("call", { name: "call", user: "outside", policy });
        new aws.iam.UserPoliciesExclusive("a", { userName: "outside", policyNames: ["call"] });
        new aws.iam.UserPolicyAttachmentsExclusive("b", { userName: "outside", policyArns: [] });
      } else {
        new aws.iam.GroupPolicy("call", { name: "call", group: "outside", policy });
        new aws.iam.GroupPoliciesExclusive("a", { groupName: "outside", policyNames: ["call"] });
        new aws.iam.GroupPolicyAttachmentsExclusive("b", { groupName: "outside", policyArns: [] });
      }
    },
  });

/** A user with one grant from an inline policy and one from a managed policy, of the user or of a group. */
const userWithGrants = (
  by: "user" | "group",
  makeExclusive: (names: pulumi.Output<string>[], arns: pulumi.Output<string>[]) => void,
): (() => void) =>
  restStack({
    caller: false,
    more: (base) => {
      const user = new aws.iam.User("caller", { name: "someone" });
      const invoke = new aws.iam.Policy("invoke", { policy: invokeDocument(base) });
      const policy: aws.iam.PolicyDocument = { Version: "2012-10-17", Statement: executeOnly(base) };
      if (by === "user") {
        const call = new aws.iam.UserPolicy("call", { user: user.name, policy });
        new aws.iam.UserPolicyAttachment("attached", { user: user.name, policyArn: invoke.arn });
        makeExclusive([call.name], [invoke.arn]);
        return;
      }
      const group = new aws.iam.Group("people", { name: "people" });
      new aws.iam.GroupMembership("members", { group: group.name, users: [user.name] });
      const call = new aws.iam.GroupPolicy("call", { group: group.name, policy });
      new aws.iam.GroupPolicyAttachment("attached", { group: group.name, policyArn: invoke.arn });
      makeExclusive([call.name], [invoke.arn]);
    },
  });

cases("users and groups", [
  {
    name: "user outside the stack with exclusive policies, who may be in groups",
    program: outsideOf("user"),
    expected: ["unproven-access @ call"],
    messageIncludes: ["is in groups that have policies"],
  },
  {
    name: "group outside the stack with exclusive policies",
    program: outsideOf("group"),
    expected: { "first-preview": ["unproven-access @ call"], deployed: [`${POLICY} @ call`] },
  },
  {
    name: "user whose policies are all listed",
    program: userWithGrants("user", (policyNames, policyArns) => {
      new aws.iam.UserPoliciesExclusive("a", { userName: "someone", policyNames });
      new aws.iam.UserPolicyAttachmentsExclusive("b", { userName: "someone", policyArns });
    }),
    expected: [],
  },
  {
    name: "user with an attachment that is not listed",
    program: userWithGrants("user", () => {
      new aws.iam.UserPolicyAttachmentsExclusive("b", { userName: "someone", policyArns: [] });
    }),
    expected: UNPROVEN,
    messageIncludes: [`UserPolicyAttachmentsExclusive b ${REMOVES}`],
  },
  {
    name: "group whose policies are all listed",
    program: userWithGrants("group", (policyNames, policyArns) => {
      new aws.iam.GroupPoliciesExclusive("a", { groupName: "people", policyNames });
      new aws.iam.GroupPolicyAttachmentsExclusive("b", { groupName: "people", policyArns });
    }),
    expected: [],
  },
  {
    name: "group with an attachment that is not listed",
    program: userWithGrants("group", () => {
      new aws.iam.GroupPolicyAttachmentsExclusive("b", { groupName: "people", policyArns: [] });
    }),
    expected: UNPROVEN,
    messageIncludes: ['whether group "people" keeps'],
  },
]);

cases("PolicyAttachment", [
  {
    name: "PolicyAttachment of the caller's policy to another role",
    program: withCaller((resources) => {
      attach(resources);
      new aws.iam.PolicyAttachment("all", {
        policyArn: resources.invoke.arn,
        roles: [resources.gateway.name],
      });
    }),
    expected: UNPROVEN,
    messageIncludes: [`PolicyAttachment all ${REMOVES}`],
  },
  {
    name: "PolicyAttachment of the caller's policy to both roles",
    program: withCaller((resources) => {
      attach(resources);
      new aws.iam.PolicyAttachment("all", {
        policyArn: resources.invoke.arn,
        roles: [resources.gateway.name, resources.caller.name],
      });
    }),
    expected: [],
  },
  {
    name: "PolicyAttachment of another policy",
    program: withCaller((resources) => {
      attach(resources);
      new aws.iam.PolicyAttachment("all", {
        policyArn: "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
        roles: [resources.gateway.name],
      });
    }),
    expected: [],
  },
  {
    name: "two PolicyAttachments of one policy, each with one role",
    program: withCaller((resources) => {
      new aws.iam.PolicyAttachment("one", {
        policyArn: resources.invoke.arn,
        roles: [resources.caller.name],
      });
      new aws.iam.PolicyAttachment("two", {
        policyArn: resources.invoke.arn,
        roles: [resources.gateway.name],
      });
    }),
    expected: UNPROVEN,
  },
]);

cases("arguments of Role", [
  {
    name: "managedPolicyArns next to a RolePolicyAttachment",
    program: restStack({
      caller: false,
      more: (base) => {
        const role = new aws.iam.Role("holder", {
          assumeRolePolicy: { Version: "2012-10-17", Statement: [] },
          managedPolicyArns: ["arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess"],
        });
        new aws.iam.RolePolicy("call", {
          role: role.name,
          policy: { Version: "2012-10-17", Statement: executeOnly(base) },
        });
        new aws.iam.RolePolicyAttachment("attached", {
          role: role.name,
          policyArn: "arn:aws:iam::aws:policy/AWSLambda_FullAccess",
        });
      },
    }),
    expected: [],
  },
  {
    name: "empty inlinePolicies and managedPolicyArns next to a RolePolicyAttachment",
    program: restStack({
      caller: false,
      more: (base) => {
        const role = new aws.iam.Role("holder", {
          assumeRolePolicy: { Version: "2012-10-17", Statement: [] },
          inlinePolicies: [{}],
          managedPolicyArns: [],
        });
        new aws.iam.RolePolicyAttachment("attached", {
          role: role.name,
          policyArn: new aws.iam.Policy("call", {
            policy: { Version: "2012-10-17", Statement: executeOnly(base) },
          }).arn,
        });
      },
    }),
    expected: [`${POLICY} @ holder`],
  },
]);
