/** SECURITY.md: workflows pin actions by commit, have few permissions, and verify what they publish. */
import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { load } from "js-yaml";

const FOLDER = path.resolve(__dirname, "../../.github/workflows");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = fs
  .readdirSync(FOLDER)
  .map((file) => ({ file, content: load(fs.readFileSync(path.join(FOLDER, file), "utf8")) as Workflow }));

const steps = ({ jobs }: Workflow): readonly Step[] => Object.values(jobs).flatMap((job) => job.steps);

describe("GitHub workflows", () => {
  for (const { file, content } of workflows) {
    it(`${file} pins actions by commit`, () => {
      const actions = steps(content).flatMap(({ uses }) => uses ?? []);
      assert.ok(actions.length > 0);
      assert.deepEqual(
        actions.filter((uses) => !/^[\w-]+\/[\w-]+(\/[\w/-]+)?@[0-9a-f]{40}$/.test(uses)),
        [],
      );
    });

    it(`${file} has read permissions, and id-token: write only to publish provenance`, () => {
      assert.deepEqual(content.permissions, { contents: "read" });
      for (const { permissions = {} } of Object.values(content.jobs))
        assert.deepEqual(
          Object.entries(permissions).filter(
            ([name, access]) => access !== "read" && !(name === "id-token" && file === "release.yml"),
          ),
          [],
        );
    });
  }

  it("publish only a version that the changelog describes", () => {
    const release = workflows.find(({ file }) => file === "release.yml")?.content;
    const checks = (release === undefined ? [] : steps(release)).flatMap(({ run }) =>
      run?.includes("CHANGELOG.md") ? [run] : [],
    );
    assert.equal(checks.length, 1);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "changelog-"));
    const passes = (changelog: string): boolean => {
      fs.writeFileSync(path.join(folder, "package.json"), '{ "version": "1.2.3" }');
      fs.writeFileSync(path.join(folder, "CHANGELOG.md"), changelog);
      return spawnSync("bash", ["-c", checks.join()], { cwd: folder }).status === 0;
    };
    try {
      assert.deepEqual(
        ["## [1.2.3] - 2027-01-31\n", "## [Unreleased]\n", "## [1.2.30] - 2027-01-31\n", "## 1.2.3\n"].map(
          passes,
        ),
        [true, false, false, false],
      );
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("publish the package with provenance", () => {
    const release = workflows.find(({ file }) => file === "release.yml")?.content;
    const runs = (release === undefined ? [] : steps(release)).flatMap(({ run }) => run ?? []);
    const published = runs.flatMap((run) => run.split("\n")).filter((line) => /npm publish/.test(line));
    assert.ok(published.length > 0);
    assert.deepEqual(
      published.filter((line) => !line.includes("--provenance")),
      [],
    );
  });
});
