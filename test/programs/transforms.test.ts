/** Transforms and resource hooks, which programs in other languages register with the resource monitor. */
import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { planOfProgram } from "../../programs";
import { onPath } from "../../programs/child-process";
import { ENVIRONMENT, pythonEnvironment } from "../support/python";

const PYTHON = `import pulumi

class Role(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("aws:iam/role:Role", name, {"arn": None, **props}, opts)

class Caller(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Caller", name, {}, opts)
        self.role = Role(name, opts=pulumi.ResourceOptions(parent=self), assume_role_policy="{}", description="plain")

def acts(args):
    raise Exception("a hook ran")

def of_stack(args: pulumi.ResourceTransformArgs):
    if args.type_ == "aws:iam/role:Role":
        return pulumi.ResourceTransformResult(props={**args.props, "path": "/stack/"}, opts=args.opts)

def of_component(args: pulumi.ResourceTransformArgs):
    if args.type_ == "aws:iam/role:Role":
        return pulumi.ResourceTransformResult(props={**args.props, "description": "transformed"}, opts=args.opts)

def of_invoke(args: pulumi.InvokeTransformArgs):
    return pulumi.InvokeTransformResult(args={**args.args, "name": "changed"}, opts=args.opts)

pulumi.runtime.register_resource_transform(of_stack)
pulumi.runtime.register_invoke_transform(of_invoke)
hook = pulumi.ResourceHook("acts", acts)
caller = Caller("caller", pulumi.ResourceOptions(transforms=[of_component]))
hooked = Role("hooked", opts=pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[hook], after_create=[hook], before_delete=[hook])), assume_role_policy="{}")
looked = pulumi.runtime.invoke("aws:iam/getRole:getRole", {"name": "given"}).value
pulumi.export("arn", caller.role.arn)
pulumi.export("looked", looked["arn"])
`;

const GO = `package main

import (
	"context"
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type untyped struct {
	pulumi.CustomResourceState
	Arn pulumi.StringOutput \`pulumi:"arn"\`
}

type component struct{ pulumi.ResourceState }

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		with := func(key, value string) pulumi.ResourceTransform {
			return func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
				if args.Type != "aws:iam/role:Role" {
					return nil
				}
				args.Props[key] = pulumi.String(value)
				return &pulumi.ResourceTransformResult{Props: args.Props, Opts: args.Opts}
			}
		}
		if err := ctx.RegisterResourceTransform(with("path", "/stack/")); err != nil {
			return err
		}
		hook, err := ctx.RegisterResourceHook("acts", func(*pulumi.ResourceHookArgs) error { return errors.New("a hook ran") }, nil)
		if err != nil {
			return err
		}
		var parent component
		if err := ctx.RegisterComponentResource("shop:index:Caller", "caller", &parent, pulumi.Transforms([]pulumi.ResourceTransform{with("description", "transformed")})); err != nil {
			return err
		}
		var role, hooked untyped
		if err := ctx.RegisterResource("aws:iam/role:Role", "caller", pulumi.Map{"assumeRolePolicy": pulumi.String("{}")}, &role, pulumi.Parent(&parent)); err != nil {
			return err
		}
		hooks := &pulumi.ResourceHookBinding{BeforeCreate: []*pulumi.ResourceHook{hook}, AfterCreate: []*pulumi.ResourceHook{hook}, BeforeDelete: []*pulumi.ResourceHook{hook}}
		if err := ctx.RegisterResource("aws:iam/role:Role", "hooked", pulumi.Map{"assumeRolePolicy": pulumi.String("{}")}, &hooked, pulumi.ResourceHooks(hooks)); err != nil {
			return err
		}
		ctx.Export("arn", role.Arn)
		return nil
	})
}
`;

describe("transforms and resource hooks of programs", function () {
  this.timeout(600_000);
  let root: string;

  before(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "transforms-")));
  });

  after(() => fs.rmSync(root, { recursive: true, force: true }));

  function program(name: string, files: Record<string, string>): string {
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, file), content);
    return folder;
  }

  /** The stack's transform changes every role, the component's transform changes its own role, and no hook runs. */
  async function assertTransformed(folder: string): Promise<void> {
    for (const as of ["deployed", "first-preview"] as const) {
      const { resources } = await planOfProgram(folder, { as, stack: "dev" });
      const inputsOf = (name: string) =>
        resources.find((resource) => resource.type === "aws:iam/role:Role" && resource.name === name)?.inputs;
      assert.deepEqual(
        [inputsOf("caller")?.path, inputsOf("caller")?.description],
        ["/stack/", "transformed"],
      );
      assert.deepEqual([inputsOf("hooked")?.path, inputsOf("hooked")?.description], ["/stack/", undefined]);
      const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
      if (as === "deployed") assert.match(String(stack?.outputs.arn), /:role\/stack\/caller-/);
      if (folder.endsWith("python")) assert.match(String(stack?.outputs.looked), /:role\/changed$/);
    }
  }

  it("in Python: transforms change resources and invokes, and hooks do not run", async function () {
    const unavailable = pythonEnvironment();
    if (unavailable !== undefined) {
      console.log(`      skipped: ${unavailable.missing}`);
      this.skip();
    }
    const runtime = `runtime:\n  name: python\n  options:\n    virtualenv: ${ENVIRONMENT}\n`;
    await assertTransformed(
      program("python", { "Pulumi.yaml": `name: shop\n${runtime}`, "__main__.py": PYTHON }),
    );
  });

  it("in Go: transforms change resources, and hooks do not run", async function () {
    if (onPath("go") === undefined) {
      console.log("      skipped: go is not on PATH");
      this.skip();
    }
    const folder = program("go", {
      "Pulumi.yaml": "name: shop\nruntime: go\n",
      "go.mod": "module program\n\ngo 1.23\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.190.0\n",
      "main.go": GO,
    });
    const tidied = spawnSync("go", ["mod", "tidy"], { cwd: folder, encoding: "utf8" });
    if (tidied.status !== 0) {
      console.log(`      skipped: ${tidied.stderr.trim().split("\n").at(-1)}`);
      this.skip();
    }
    await assertTransformed(folder);
  });
});
