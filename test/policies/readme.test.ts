import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pageUrl, REPOSITORY } from "../../messages";
import { bugs, homepage, repository } from "../../package.json";
import { readme } from "../../policies/framework/readme";

describe("the README of the pack", () => {
  const readmeOf = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), "readme-"));
    try {
      writeFileSync(join(folder, "README.md"), text);
      return readme(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it("has absolute links", () => {
    assert.equal(
      readmeOf("[a](docs/a.md) [`b`](docs/b.md#why) ![c](docs/c.png) [d](https://d.example/) [e](#e)"),
      `[a](${REPOSITORY}/blob/main/docs/a.md) [\`b\`](${REPOSITORY}/blob/main/docs/b.md#why) ` +
        `![c](${REPOSITORY}/raw/main/docs/c.png) [d](https://d.example/) [e](#e)`,
    );
  });

  it("has absolute URLs in an image that is a link", () => {
    assert.equal(
      readmeOf("[![a map](docs/a.png)](docs/a.md)"),
      `[![a map](${REPOSITORY}/raw/main/docs/a.png)](${REPOSITORY}/blob/main/docs/a.md)`,
    );
  });

  it("is the README of the package", () => {
    assert.match(readme(resolve(__dirname, "../..")), /^# apigateway-lambda-access\n/);
  });

  it("is empty if the file does not exist", () => {
    assert.equal(readme(join(tmpdir(), "no such folder")), "");
  });

  it("contains the repository of package.json", () => {
    assert.equal(repository.url, `git+${REPOSITORY}.git`);
    assert.ok(homepage.startsWith(REPOSITORY) && bugs.startsWith(REPOSITORY));
    assert.ok(pageUrl("x").startsWith(`${REPOSITORY}/`));
  });
});
