import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { printableJson } from "../messages/printable";
import { errorMessage, UserError } from "../programs/user-error";
import { type AnalyzeOptions, analyzeInputs, version } from "./analyze";
import { isFolder } from "./input";
import { print, printsInColor, printToStderr } from "./output";

export interface DiagnoseOptions extends AnalyzeOptions {
  readonly log: string;
  readonly format: "text" | "json";
  readonly field?: readonly string[];
}

/** The exit status. */
export interface DiagnoseResult {
  readonly isExplained: boolean;
  readonly hasFaults: boolean;
}

/**
 * Explains why requests of a log failed.
 *
 * @throws {UserError} If an input or the log cannot be read, or contains no request.
 */
export async function diagnose(names: readonly string[], options: DiagnoseOptions): Promise<DiagnoseResult> {
  const { log, format } = options;
  if (log === "-" && names.includes("-"))
    throw new UserError("standard input can be either the log or a state; write one of them to a file");
  if (log === "-" && process.stdin.isTTY)
    throw new UserError(
      `--log - requires a log on standard input, as in: aws logs tail … | … diagnose state.json --log -`,
    );
  if (log !== "-" && isFolder(log))
    throw new UserError(`${log} is a folder; --log requires a file, or - for standard input`);
  const { LogDiagnosis, fieldNamed, FIELDS, renderDiagnosis } = await import("../diagnose");
  const fields = new Map(
    (options.field ?? []).map((argument) => {
      const [, name = "", key = ""] = /^([^=]+)=(.+)$/.exec(argument) ?? [];
      const field = fieldNamed(name);
      if (field === undefined)
        throw new UserError(
          `--field ${argument}: expected FIELD=KEY, as in status=code; the fields are ${FIELDS.join(", ")}`,
        );
      return [key, field] as const;
    }),
  );
  const { read, analysis, report } = await analyzeInputs(names, {
    ...options,
    allPrincipals: true,
    includeDisabled: true,
  });
  const resources = read.flatMap(({ plan }) => plan.resources);
  const logDiagnosis = new LogDiagnosis(
    analysis,
    resources,
    read.every(({ input }) => input.as === "state"),
  );
  const counts = await logDiagnosis.read(chunksOf(log), fields);
  if (counts.records === 0)
    throw new UserError(
      `${displayName(log)} contains no request: ${counts.lines === 0 ? "it is empty" : `none of its ${counts.lines} lines is a record of an API Gateway access or execution log with a status (see --field)`}`,
    );
  const summary = {
    tool: { name: "apigateway-lambda-access" as const, version },
    inputs: read.map(({ input: { name, as, project, stack } }) => ({ name, as, project, stack })),
    ...(report.drift === undefined
      ? {}
      : { drift: report.drift.map(({ urn, message }) => ({ urn, message })) }),
  };
  const diagnosis = logDiagnosis.result(summary, log, counts);
  if (format === "json") await print(printableJson(diagnosis));
  else await print(renderDiagnosis(diagnosis, printsInColor(process.stdout)));
  if (analysis.access.facts.apis.length === 0)
    printToStderr("warning: these stacks contain no API Gateway API");
  const isExplained = diagnosis.failures.some(({ outcome }) => outcome === "explained");
  return { isExplained, hasFaults: analysis.faults.length > 0 };
}

function displayName(log: string): string {
  return log === "-" ? "standard input" : log;
}

const GZIP = [0x1f, 0x8b];

/** The bytes of a log; exports to S3 are compressed. */
async function* chunksOf(log: string): AsyncGenerator<Buffer> {
  try {
    const source: AsyncIterable<Buffer> = log === "-" ? process.stdin : createReadStream(log);
    const chunks = source[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done === true) return;
    const allChunks = (async function* () {
      yield first.value;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    })();
    const compressed = GZIP.every((byte, index) => first.value[index] === byte);
    yield* compressed ? gunzipped(allChunks) : allChunks;
  } catch (error) {
    throw new UserError(`${displayName(log)} cannot be read: ${errorMessage(error)}`);
  }
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Readable } = await import("node:stream");
  const packed = Readable.from(chunks);
  const gunzip = createGunzip();
  packed.on("error", (error) => gunzip.destroy(error));
  yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
}
