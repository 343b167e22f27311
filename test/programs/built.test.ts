/** Programs in Java and .NET, whose SDKs find the resource monitor by environment variables. */
import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { planOfProgram } from "../../programs";
import { onPath } from "../../programs/child-process";
import { shortenMavenRuns } from "../support/maven";

const ROOT = path.resolve(__dirname, "../..");

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>app</groupId><artifactId>app</artifactId><version>1.0</version>
  <properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target></properties>
  <dependencies><dependency><groupId>com.pulumi</groupId><artifactId>pulumi</artifactId><version>1.16.0</version></dependency></dependencies>
  <build><plugins><plugin>
    <groupId>org.codehaus.mojo</groupId><artifactId>exec-maven-plugin</artifactId><version>3.1.0</version>
    <configuration><mainClass>app.App</mainClass></configuration>
  </plugin></plugins></build>
</project>`;

const JAVA = `package app;
import com.pulumi.Pulumi;
import com.pulumi.core.Output;
import com.pulumi.core.annotations.Export;
import com.pulumi.core.annotations.Import;
import com.pulumi.core.annotations.ResourceType;
import com.pulumi.resources.CustomResource;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.ResourceArgs;

public class App {
  public static final class RoleArgs extends ResourceArgs {
    @Import(name = "assumeRolePolicy", required = true)
    private Output<String> assumeRolePolicy = Output.of("{}");
  }
  @ResourceType(type = "aws:iam/role:Role")
  public static class Role extends CustomResource {
    @Export(name = "arn", refs = {String.class}, tree = "[0]")
    private Output<String> arn;
    public Role(String name) { super("aws:iam/role:Role", name, new RoleArgs(), CustomResourceOptions.Empty); }
  }
  public static void main(String[] args) {
    Pulumi.run(ctx -> {
      if (ctx.config().get("fails").isPresent()) throw new RuntimeException("no such thing");
      System.out.println("hello");
      var role = new Role("caller");
      ctx.export("arn", role.arn);
      ctx.export("token", ctx.config().requireSecret("token"));
    });
  }
}`;

/** A substitute for dotnet, which runs a Node.js program with only the environment variables that dotnet gets. */
const DOTNET_SUBSTITUTE = `#!${process.execPath}
const { spawnSync } = require("node:child_process");
const { env } = process;
const { status } = spawnSync(process.execPath, [
  ${JSON.stringify(path.join(ROOT, "node_modules/@pulumi/pulumi/cmd/run"))},
  "--monitor", env.PULUMI_MONITOR, "--engine", env.PULUMI_ENGINE, "--project", env.PULUMI_PROJECT,
  "--stack", env.PULUMI_STACK, "--organization", env.PULUMI_ORGANIZATION, "--pwd", process.cwd(),
  "--dry-run", env.PULUMI_DRY_RUN, "--parallel", env.PULUMI_PARALLEL, ".",
], { stdio: "inherit" });
process.exit(status ?? 1);
`;

describe("compiled programs", function () {
  this.timeout(300_000);
  let root: string;
  const originalPath = process.env.PATH;

  before(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "built-")));
  });

  after(() => fs.rmSync(root, { recursive: true, force: true }));

  afterEach(() => {
    process.env.PATH = originalPath;
  });

  function folderWith(name: string, files: Record<string, string>): string {
    const folder = path.join(root, name);
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), content, { mode: 0o755 });
    }
    return folder;
  }

  const planned = (folder: string, stack = "dev") => planOfProgram(folder, { as: "deployed", stack });

  async function refused(folder: string, message: RegExp, stack?: string): Promise<void> {
    await assert.rejects(planned(folder, stack), (error: Error) => {
      assert.equal(error.name, "UserError", error.stack);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }

  describe("in Java", () => {
    let folder: string;

    before(function () {
      folder = folderWith("java", {
        "Pulumi.yaml": "name: shop\nruntime: java\n",
        "Pulumi.dev.yaml": "config:\n  shop:token:\n    secure: AAAB\n",
        "Pulumi.failing.yaml": 'config:\n  shop:fails: "true"\n',
        "pom.xml": POM,
        "src/main/java/app/App.java": JAVA,
      });
      if (onPath("mvn") === undefined || onPath("javac") === undefined) {
        console.log("      skipped: mvn and javac are not on PATH");
        this.skip();
      }
      shortenMavenRuns();
      const built = spawnSync("mvn", ["--no-transfer-progress", "--quiet", "compile"], {
        cwd: folder,
        encoding: "utf8",
      });
      if (built.status === 0) return;
      const errors = `${built.stdout}${built.stderr}`.split("\n");
      console.log(`      skipped: ${errors.find((line) => line.includes("ERROR")) ?? errors[0]}`);
      this.skip();
    });

    it("are built by Maven and run by Pulumi's Java SDK", async () => {
      const { resources } = await planned(folder);
      const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
      assert.match(String(outputs?.arn), /^arn:aws:iam::\d{12}:role\/caller/);
      assert.equal(outputs?.token, "[secret]");
    });

    it("that throw an exception are rejected with its message", () =>
      refused(folder, /^the program in .* failed: .*no such thing/, "failing"));

    it("that do not compile are rejected with the first error", () =>
      refused(
        folderWith("broken", {
          "Pulumi.yaml": "name: shop\nruntime: java\n",
          "pom.xml": POM,
          "src/main/java/app/App.java": "package app; public class App { nothing }",
        }),
        /failed: .*App\.java:\[1,\d+\] /,
      ));
  });

  it("in Java without a build file are run by the language host", () =>
    refused(
      folderWith("none", { "Pulumi.yaml": "name: shop\nruntime: java\n" }),
      /requires pulumi-language-java, which is not on PATH/,
    ));

  describe("for .NET", () => {
    const project = (name: string, program: string): string => {
      const folder = folderWith(name, {
        "Pulumi.yaml": "name: shop\nruntime: dotnet\n",
        "index.js": program,
      });
      fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
      return folder;
    };

    before(function () {
      if (process.platform === "win32") this.skip();
    });

    function withDotnet(): void {
      process.env.PATH = path.dirname(path.join(folderWith("bin", { dotnet: DOTNET_SUBSTITUTE }), "dotnet"));
    }

    it("are run with the environment variables that the SDK reads", async () => {
      withDotnet();
      const folder = project(
        "dotnet",
        `const pulumi = require("@pulumi/pulumi");
        const role = new pulumi.CustomResource("aws:iam/role:Role", "caller", { assumeRolePolicy: "{}", arn: undefined });
        exports.arn = role.arn;
        exports.project = pulumi.getProject();`,
      );
      const { resources } = await planned(folder);
      const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
      assert.match(String(outputs?.arn), /^arn:aws:iam::\d{12}:role\/caller/);
      assert.equal(outputs?.project, "shop");
    });

    it("are run if PATH also contains a folder that cannot be read", async () => {
      withDotnet();
      const loop = path.join(root, "loop");
      fs.symlinkSync(loop, loop);
      process.env.PATH = [loop, process.env.PATH].join(path.delimiter);
      const { resources } = await planned(project("readable", ""));
      assert.equal(resources[0]?.type, "pulumi:pulumi:Stack");
    });

    it("that fail are rejected with their error", () => {
      withDotnet();
      return refused(
        project(
          "failing",
          `console.error("Unhandled exception. System.ArgumentException: no such thing\\n   at Program.Main()"); process.exit(134);`,
        ),
        /^the program in .* failed: Unhandled exception\. System\.ArgumentException: no such thing$/,
      );
    });

    it("without dotnet on PATH are rejected", () => {
      process.env.PATH = root;
      return refused(project("without", ""), /requires dotnet, which is not on PATH$/);
    });
  });
});
