import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { printableJson } from "../messages/printable";
import { Failure, reasonOf } from "../programs/failure";
import { type AnalyzeOptions, analyzeInputs, version } from "./examine";
import { isFolder } from "./input";
import { note, print, printsInColour } from "./output";

export interface DiagnoseOptions extends AnalyzeOptions {
  readonly log: string;
  readonly format: "text" | "json";
  readonly field?: readonly string[];
}

/** The exit status. */
export interface Diagnosed {
  readonly found: boolean;
  readonly faulty: boolean;
}

/**
 * Explains why requests of a log failed.
 *
 * @throws {Failure} If an input or the log cannot be read, or contains no request.
 */
export async function diagnose(names: readonly string[], options: DiagnoseOptions): Promise<Diagnosed> {
  const { log, format } = options;
  if (log === "-" && names.includes("-"))
    throw new Failure("standard input can be the log or a state, not both: write one of them to a file");
  if (log === "-" && process.stdin.isTTY)
    throw new Failure(
      `"--log -" reads the log from standard input, as in: aws logs tail … | … diagnose state.json --log -`,
    );
  if (log !== "-" && isFolder(log))
    throw new Failure(`${log} is a folder; --log requires a file, or - for standard input`);
  const { Diagnosing, fieldNamed, FIELDS, renderDiagnosis } = await import("../diagnose");
  const fields = new Map(
    (options.field ?? []).map((given) => {
      const [, name = "", key = ""] = /^([^=]+)=(.+)$/.exec(given) ?? [];
      const field = fieldNamed(name);
      if (field === undefined)
        throw new Failure(
          `--field ${given}: expected FIELD=KEY, as in status=code; the fields are ${FIELDS.join(", ")}`,
        );
      return [key, field] as const;
    }),
  );
  const { read, analysis, report } = await analyzeInputs(names, {
    ...options,
    everyone: true,
    anyLevel: true,
  });
  const resources = read.flatMap(({ plan }) => plan.resources);
  const diagnosing = new Diagnosing(
    analysis,
    resources,
    read.every(({ input }) => input.as === "state"),
  );
  const counts = await diagnosing.read(chunksOf(log), fields);
  if (counts.records === 0)
    throw new Failure(
      `${shownName(log)} contains no request: ${counts.lines === 0 ? "it is empty" : `${counts.lines} lines are not records of API Gateway's access or execution logs with a status (see --field)`}`,
    );
  const about = {
    tool: { name: "apigateway-lambda-access" as const, version },
    inputs: read.map(({ input: { name, as, project, stack } }) => ({ name, as, project, stack })),
    ...(report.drift === undefined
      ? {}
      : { drift: report.drift.map(({ urn, message }) => ({ urn, message })) }),
  };
  const diagnosis = diagnosing.finished(about, log, counts);
  if (format === "json") await print(printableJson(diagnosis));
  else await print(renderDiagnosis(diagnosis, printsInColour(process.stdout)));
  if (analysis.access.facts.apis.length === 0)
    note("warning: there is no API of API Gateway in these stacks");
  const found = diagnosis.failures.some(({ outcome }) => outcome === "explained");
  return { found, faulty: analysis.faults.length > 0 };
}

function shownName(log: string): string {
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
    const all = (async function* () {
      yield first.value;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
    })();
    const compressed = GZIP.every((byte, at) => first.value[at] === byte);
    yield* compressed ? unpacked(all) : all;
  } catch (error) {
    throw new Failure(`${shownName(log)} cannot be read: ${reasonOf(error)}`);
  }
}

async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Readable } = await import("node:stream");
  const packed = Readable.from(chunks);
  const gunzip = createGunzip();
  packed.on("error", (error) => gunzip.destroy(error));
  yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
}
