/** SECURITY.md: workflows pin the actions that they use by commit, and ask for the least permissions that they need. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
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

describe("the workflows", () => {
  for (const { file, content } of workflows) {
    it(`${file} pins actions by commit`, () => {
      const used = steps(content).flatMap(({ uses }) => uses ?? []);
      assert.ok(used.length > 0);
      assert.deepEqual(
        used.filter((uses) => !/^[\w-]+\/[\w-]+(\/[\w/-]+)?@[0-9a-f]{40}$/.test(uses)),
        [],
      );
    });

    it(`${file} may read the repository; writing is for provenance only`, () => {
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

  it("publish with provenance", () => {
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
