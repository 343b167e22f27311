import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { showFault } from "../messages/pack";
import { printableLines } from "../messages/printable";
import { faultOf } from "../policies/framework/faults";
import { isThrown, UserError } from "../programs/user-error";
import { FORMAT_NAMES, FORMATS, type FormatName } from "../report/formats";
import type { Report } from "../report/model";
import { type AnalyzedInputs, type AnalyzeOptions, analyzeInputs, version } from "./analyze";
import { type FailOptions, hasFailingFinding, newFindings } from "./baseline";
import type { DiagnoseOptions } from "./diagnose";
import { writeAtomically } from "./files";
import { isFolder, type ReadInput } from "./input";
import { print, printsInColor, printToStderr } from "./output";

/** Exit statuses. */
const SUCCESS = 0;
const VIOLATED = 1;
const FAILED = 2;
/** Exit statuses of `diagnose`. */
const CAUSE_FOUND = 1;

/** Runs the command and returns the exit status. */
export async function run(args: readonly string[]): Promise<number> {
  let status = SUCCESS;
  try {
    await createCommand((code) => {
      status = code;
    }).parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (isThrown(error, CommanderError)) return error.exitCode === 0 ? SUCCESS : FAILED;
    printToStderr(`error: ${errorText(error)}`);
    return FAILED;
  }
}

function errorText(error: unknown): string {
  if (isThrown(error, UserError)) return error.message;
  // The message of an error may quote an input, which may contain secrets.
  return `internal error, please report it: ${showFault(faultOf(error))}`;
}

interface InputOptions extends Omit<AnalyzeOptions, "as"> {
  readonly as: Moment | "both";
}

interface CheckOptions extends InputOptions, FailOptions {
  readonly only?: readonly string[];
}

interface ReportOptions extends CheckOptions {
  readonly format: FormatName;
  readonly output?: string;
}

interface ExplainOptions extends InputOptions {
  readonly route: string;
  readonly caller?: string;
}

function createCommand(setStatus: (status: number) => void): Command {
  const program = new Command("apigateway-lambda-access")
    .description(
      "Reports which callers can call each API Gateway to Lambda route, and which routes return 403 or 500 because of IAM, for a deployed stack or for a program that was never deployed.",
    )
    .version(version)
    .addHelpText("after", EXAMPLES)
    // Set before the commands are added, which inherit these settings.
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(printableLines(text)) });

  withInputs(
    program
      .command("check")
      .description(
        "Print the findings of the policies, as the Pulumi CLI prints them. The exit status is 1 if a mandatory policy is violated.",
      ),
  )
    .addOption(only())
    .addOption(failOn())
    .option("--baseline <file>", "file of known findings: only new findings cause exit status 1")
    .option("--write-baseline <file>", "write the current findings to a file, for --baseline")
    .addHelpText("after", CHECK_EXAMPLES)
    .action(async (inputs: string[], options: CheckOptions) => setStatus(await check(inputs, options)));

  withInputs(
    program
      .command("report")
      .description("Show every route with its gates, and the findings of the policies."),
  )
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMAT_NAMES).default("text"))
    .option("-o, --output <file>", "write the output to a file instead of standard output")
    .addOption(only())
    .addOption(failOn())
    .option("--baseline <file>", "file of known findings: only new findings cause exit status 1")
    .option("--write-baseline <file>", "write the current findings to a file, for --baseline")
    .addHelpText("after", REPORT_EXAMPLES)
    .action(async (inputs: string[], options: ReportOptions) => setStatus(await report(inputs, options)));

  withInputs(
    program
      .command("explain")
      .description(
        "Show the gates of a route in order, each with its result, the evidence, and the change that would reverse it.",
      ),
  )
    .requiredOption(
      "--route <route>",
      'the route, such as "GET /orders/{id}" or "$default", preceded by the name of its API if several APIs have such a route. * matches any characters',
    )
    .option("--caller <caller>", "show only this caller: its name, URN or ARN")
    .addHelpText("after", EXPLAIN_EXAMPLES)
    .action(async (inputs: string[], options: ExplainOptions) => setStatus(await explain(inputs, options)));

  withInputs(
    program
      .command("diagnose")
      .description(
        "Explain why requests failed: reads API Gateway logs, and identifies the route, the caller and the missing permission of each failed request.",
      ),
  )
    .requiredOption(
      "--log <file>",
      "an access log or execution log in any format, as a file or - for standard input",
    )
    .addOption(
      new Option(
        "--field <field=key>",
        "the key of a field in the log records, such as status=code; can be repeated",
      ).argParser((field: string, previous: readonly string[] = []) => [...previous, field]),
    )
    .addOption(new Option("-f, --format <format>", "output format").choices(["text", "json"]).default("text"))
    .addHelpText("after", DIAGNOSE_EXAMPLES)
    .action(async (inputs: string[], options: Omit<DiagnoseOptions, "as"> & InputOptions) =>
      setStatus(await diagnose(inputs, options)),
    );

  return program;
}

function seconds(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError("Expected a number of seconds.");
  return number;
}

function failOn(): Option {
  return new Option("--fail-on <level>", "the lowest level of findings that cause exit status 1")
    .choices(["mandatory", "advisory", "never"])
    .default("mandatory");
}

function only(): Option {
  return new Option("--only <policy>", "report only this policy; can be repeated").argParser(
    (policy: string, previous: readonly string[] = []) => [...previous, policy],
  );
}

function withInputs(command: Command): Command {
  return command
    .argument(
      "<input...>",
      'the folder of a Pulumi program, or the output of "pulumi stack export" or "pulumi preview --json --show-sames" as a file or - for standard input. Several inputs are evaluated together',
    )
    .addOption(
      new Option(
        "--as <moment>",
        "evaluate a program as if it were deployed, with every value known, or as in its first preview, or both",
      )
        .choices(["deployed", "first-preview", "both"])
        .default("deployed"),
    )
    .addOption(
      new Option(
        "--patience <seconds>",
        "stop a program that runs longer (Node.js) or is idle longer (other languages)",
      )
        .default(300)
        .argParser(seconds),
    )
    .addOption(
      new Option(
        "--account <file>",
        "account data: the output of an AWS CLI command (see docs/account-data.md); can be repeated",
      ).argParser((file: string, previous: readonly string[] = []) => [...previous, file]),
    )
    .option("--stack <name>", "the stack whose configuration (Pulumi.<name>.yaml) a program uses", "dev")
    .option(
      "--policy-config <file>",
      "configuration of the policies (levels, exemptions, callers), as for --policy-pack-config",
    );
}

const EXIT = `
Exit status:
  0  no mandatory policy is violated (see --fail-on)
  1  a mandatory policy is violated
  2  the command line is invalid, an input cannot be read, or an internal error occurred`;

const EXAMPLES = `
Examples:
  $ apigateway-lambda-access check infrastructure/
  $ pulumi preview --json --show-sames | apigateway-lambda-access check -
  $ pulumi stack export | apigateway-lambda-access report -
  $ apigateway-lambda-access explain state.json --route "GET /orders/{id}"
  $ apigateway-lambda-access diagnose state.json --log access.log
${EXIT}

For the options of a command: apigateway-lambda-access report --help`;

const CHECK_EXAMPLES = `
Examples:
  A program that is not deployed yet; this needs no cloud account, credentials or Pulumi CLI:
  $ apigateway-lambda-access check infrastructure/

  The same program, also as in its first preview:
  $ apigateway-lambda-access check infrastructure/ --as both

  The changes of a preview, on the deployed stack:
  $ pulumi preview --json --show-sames | apigateway-lambda-access check -
${EXIT}`;

const REPORT_EXAMPLES = `
Examples:
  A deployed stack; secrets are not decrypted, and no account is needed:
  $ pulumi stack export | apigateway-lambda-access report -

  A program that was never deployed:
  $ apigateway-lambda-access report infrastructure/

  An API in one stack and its callers in another:
  $ apigateway-lambda-access report api.json app.json

  The access map, as a page to open in a browser:
  $ apigateway-lambda-access report state.json --format html -o access.html

  For GitHub code scanning, and for the test results of a CI system:
  $ apigateway-lambda-access report state.json --format sarif -o access.sarif
  $ apigateway-lambda-access report state.json --format junit -o access.xml

Formats:
${FORMAT_NAMES.map((name) => `  ${name.padEnd(14)}${FORMATS[name].description}`).join("\n")}
${EXIT}`;

const EXPLAIN_EXAMPLES = `
Examples:
  $ apigateway-lambda-access explain state.json --route "GET /orders/{id}"
  $ apigateway-lambda-access explain state.json --route "orders-api ANY /*"
  $ apigateway-lambda-access explain api.json app.json --route '$default' --caller orders-client
${EXIT}
The mandatory policies are those of the gates that are shown.`;

const DIAGNOSE_EXAMPLES = `
Examples:
  $ pulumi stack export --file state.json
  $ apigateway-lambda-access diagnose state.json --log access.log
  $ aws logs tail my-api-access-log --since 1h | apigateway-lambda-access diagnose state.json --log -
  $ apigateway-lambda-access diagnose state.json --log access.csv --field status=code --format json

Formats of the log, which may be mixed in one file:
  access logs in JSON with any keys, CLF, CSV and XML, as the console offers them; execution logs;
  the output of "aws logs filter-log-events", "aws logs tail" and Logs Insights; compressed exports

Exit status:
  0  the stack explains none of the failed requests
  1  the stack explains at least one failed request
  2  the command line is invalid, an input cannot be read, or an internal error occurred`;

type Moment = AnalyzeOptions["as"];

/** A state or a preview represents a single moment, and standard input can be read only once. */
function requireProgramsForBothMoments(names: readonly string[], { as }: InputOptions): void {
  const nonProgram = as === "both" ? names.find((name) => !isFolder(name)) : undefined;
  if (nonProgram !== undefined)
    throw new UserError(
      `--as both requires programs; ${nonProgram === "-" ? "standard input" : nonProgram} is not the folder of a program`,
    );
}

async function check(names: readonly string[], options: CheckOptions): Promise<number> {
  const { refuseOverwriting } = await import("./overwriting");
  refuseOverwriting(names, options);
  requireProgramsForBothMoments(names, options);
  const inColor = printsInColor(process.stdout);
  const { renderCheck, renderComparison } = await import("../report/check");
  const moments: readonly Moment[] = options.as === "both" ? ["deployed", "first-preview"] : [options.as];
  const results: { readonly report: Report; readonly status: number }[] = [];
  for (const as of moments) {
    const analyzed = await analyzeInputs(names, { ...options, as }, options.only);
    const findings = newFindings(analyzed.report, options);
    const known = analyzed.report.findings.length - findings.length;
    if (known > 0)
      printToStderr(
        `${known} known ${known === 1 ? "finding of the baseline is" : "findings of the baseline are"} not shown`,
      );
    const status = exitStatus(analyzed, hasFailingFinding(findings, options.failOn));
    results.push({ report: { ...analyzed.report, findings }, status });
  }
  const [deployed, preview] = results.map(({ report }) => report);
  if (deployed === undefined) throw new Error("nothing was checked");
  const text =
    preview === undefined ? renderCheck(deployed, inColor) : renderComparison(deployed, preview, inColor);
  await print(text);
  return Math.max(...results.map(({ status }) => status));
}

/** Calls a function for one moment, or for both in turn; returns the worst status. */
async function forEachMoment(
  { as }: InputOptions,
  action: (moment: Moment) => Promise<number>,
): Promise<number> {
  if (as !== "both") return action(as);
  const deployed = await action("deployed");
  await print("\n");
  return Math.max(deployed, await action("first-preview"));
}

async function report(names: readonly string[], options: ReportOptions): Promise<number> {
  const { refuseOverwriting } = await import("./overwriting");
  refuseOverwriting(names, options);
  requireProgramsForBothMoments(names, options);
  if (options.as === "both" && (options.format !== "text" || options.output !== undefined))
    throw new UserError("--as both supports only text on standard output");
  return forEachMoment(options, (as) => reportAs(names, { ...options, as }));
}

async function reportAs(
  names: readonly string[],
  options: ReportOptions & { readonly as: Moment },
): Promise<number> {
  const analyzed = await analyzeInputs(names, options, options.only);
  const { read, report } = analyzed;
  const inColor = options.output === undefined && printsInColor(process.stdout);
  const text = await render(report, read, options.format, inColor);
  if (options.output === undefined) await print(text);
  else writeAtomically(options.output, text);
  return exitStatus(analyzed, hasFailingFinding(newFindings(report, options), options.failOn));
}

/** An incomplete report, after a fault of the pack, must not look like success. */
function exitStatus({ analysis }: Pick<AnalyzedInputs, "analysis">, isFailing: boolean): number {
  if (analysis.faults.length > 0) return FAILED;
  return isFailing ? VIOLATED : SUCCESS;
}

async function render(
  report: Report,
  read: readonly ReadInput[],
  format: FormatName,
  inColor: boolean,
): Promise<string> {
  const { repositoryPath } = await import("./repository");
  const files = new Map(read.map(({ input, file }) => [input.name, repositoryPath(file)]));
  return FORMATS[format].render(report, { inColor, fileOf: ({ name }) => files.get(name) ?? name });
}

async function diagnose(
  names: readonly string[],
  { as, ...options }: Omit<DiagnoseOptions, "as"> & InputOptions,
): Promise<number> {
  if (as === "both") throw new UserError("diagnose does not support --as both");
  const { diagnose: diagnoseLog } = await import("./diagnose");
  const { isExplained, hasFaults } = await diagnoseLog(names, { ...options, as });
  if (hasFaults) return FAILED;
  return isExplained ? CAUSE_FOUND : SUCCESS;
}

async function explain(names: readonly string[], options: ExplainOptions): Promise<number> {
  requireProgramsForBothMoments(names, options);
  return forEachMoment(options, (as) => explainAs(names, { ...options, as }));
}

async function explainAs(
  names: readonly string[],
  options: ExplainOptions & { readonly as: Moment },
): Promise<number> {
  const { analysis, report, entryIds } = await analyzeInputs(names, options);
  const { explainRoutes, renderExplanation } = await import("../report/explain");
  const { route, caller } = options;
  const explanation = explainRoutes(
    { report, entryIds },
    analysis,
    caller === undefined ? { route } : { route, caller },
  );
  if (!explanation.found) {
    const problem =
      explanation.missing === "route"
        ? `there is no route ${route}`
        : `there is no role, user or group ${caller}`;
    const suggestions =
      explanation.suggestions.length === 0
        ? "; there are none"
        : `; similar: ${explanation.suggestions.join(", ")}`;
    throw new UserError(`${problem}${suggestions}`);
  }
  await print(renderExplanation(report, explanation.routes, printsInColor(process.stdout)));
  const mandatory = new Set(
    report.policies.filter(({ level }) => level === "mandatory").map(({ name }) => name),
  );
  const violated = explanation.routes
    .flatMap(({ gates }) => gates.flatMap(({ answers }) => answers))
    .some(
      ({ outcome, exempt, policy }) => outcome === "denied" && exempt === undefined && mandatory.has(policy),
    );
  if (analysis.faults.length > 0) return FAILED;
  return violated ? VIOLATED : SUCCESS;
}
