/**
 * `npm run demo`: previews a program whose caller will get a 500, and the same program fixed, against the built
 * pack. With the `pulumi` command where there is one, and a stand-in for AWS's provider; else with the testing
 * kit, speaking Pulumi's protocol to the pack's own process. Ends with 0 when the first is blocked and the
 * second passes.
 */
import { version } from "../package.json";
import { findingLines, painter } from "../report/text";
import { findPulumi, openStack, PACK } from "../test/engine/harness";
import { bootPack, type PolicyInfo, type Reported } from "../test/protocol/harness";
import { plan, programFrom } from "../testing";

/** What a preview said. */
interface Preview {
  blocked: boolean;
  output: string;
}

type Previewer = (example: string) => Promise<Preview>;

const PROGRAMS: [example: string, about: string, blockedBy: string | undefined][] = [
  [
    "caller-credentials",
    "the integration of GET /orders uses the caller's credentials, and the caller is allowed execute-api:Invoke only",
    "caller-credentials-lambda-invoke",
  ],
  ["caller-credentials-fixed", "the same, and the caller is allowed lambda:InvokeFunction too", undefined],
];

const withPulumi: Previewer = async (example) => {
  const stack = await openStack(`${PACK}/examples/${example}`);
  try {
    const args = ["preview", "--non-interactive", "--suppress-progress", "--policy-pack", PACK];
    const { code, output } = await stack.pulumi(args);
    return { blocked: code !== 0, output };
  } finally {
    stack.close();
  }
};

const withKit: Previewer = async (example) => {
  const { resources } = await plan(programFrom(`${PACK}/examples/${example}`), {
    as: "first-preview",
    project: example,
  });
  const pack = await bootPack(PACK);
  try {
    await pack.configure({});
    const found = await pack.run(resources);
    const { policies } = await pack.info();
    return {
      blocked: found.some(({ level }) => level === "mandatory"),
      output: printed(found, policies),
    };
  } finally {
    pack.close();
  }
};

/** Findings in the words of the `pulumi` command. */
function printed(found: readonly Reported[], policies: readonly PolicyInfo[]): string {
  const blocked = found.some(({ level }) => level === "mandatory");
  const sign = blocked ? "❌" : found.length > 0 ? "⚠️" : "✅";
  const lines = ["Policies:", `    ${sign} apigateway-lambda-access@v${version} (local: ${PACK})`];
  for (const { policy, level, urn, message } of found) {
    const severity = SEVERITIES[policies.find(({ name }) => name === policy)?.severity ?? 0];
    const [, , type = "", name = ""] = urn.split("::");
    const finding = { policy, level, severity, type: type.split("$").at(-1) ?? "", name };
    lines.push(...findingLines(finding, message, painter(false)).map((line) => `    ${line}`));
  }
  return `${lines.join("\n")}\n`;
}

const SEVERITIES = [undefined, "low", "medium", "high", "critical"] as const;

async function main(): Promise<number> {
  const found = findPulumi();
  const preview = "missing" in found ? withKit : withPulumi;
  say(
    "missing" in found
      ? `Without the CLI, for ${found.missing}: the testing kit runs the programs, and the built pack answers as in a preview.`
      : `Previews with ${found.file} and a stand-in for AWS's provider; no account is used.`,
  );
  let wrong = 0;
  for (const [example, about, blockedBy] of PROGRAMS) {
    say(`\n=== pulumi preview --policy-pack ../..   (in examples/${example})\n    ${about}\n`);
    const { blocked, output } = await preview(example);
    say(output);
    const right = blockedBy === undefined ? !blocked : blocked && output.includes(blockedBy);
    const outcome = blocked ? "blocked" : "passed";
    say(right ? `=> ${outcome}, as it should be` : `=> ${outcome}: this is not what should happen`);
    if (!right) wrong += 1;
  }
  return wrong === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
