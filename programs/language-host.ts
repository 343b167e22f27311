import language = require("@pulumi/pulumi/proto/language_pb");
import services = require("@pulumi/pulumi/proto/language_grpc_pb");

import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { grpc, toStruct } from "../engine/wire";
import type { Properties } from "../testing";
import { ORGANIZATION } from "../testing/components";
import { isDryRun, type PartialPlan } from "../testing/plan";
import type { ServedMonitor } from "../testing/server";
import { programError } from "./advice";
import { onPath, type RunningChild, withChild } from "./child-process";
import { schemaFrom } from "./plugins";
import type { ProgramOptions, Project } from "./project";
import { environmentOf, PARALLEL, PATIENCE, planOfServed } from "./served";
import { UserError } from "./user-error";
import { withLines } from "./yaml-lines";
import { schemasOf } from "./yaml-schemas";

/**
 * Plans a program with the language host of an installed Pulumi CLI. The host for YAML requests the schemas of the
 * packages that a program uses; see {@link schemasOf}.
 *
 * @throws {UserError} If there is no such host, or the program fails.
 */
export async function planOfHostedProgram(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const { runtime, givenPath, folder } = project;
  const host = /^[\w.-]+$/.test(runtime) ? onPath(`pulumi-language-${runtime}`) : undefined;
  if (host === undefined)
    throw new UserError(
      `the program in ${givenPath} requires pulumi-language-${runtime}, which is not on PATH; install the Pulumi CLI, or pass the output of "pulumi preview --json --show-sames"`,
    );
  const { patience = PATIENCE } = options;
  const packageNames = [...Object.keys(project.packages), ...project.plugins.map(({ name }) => name)];
  const schemaOf = schemasOf(folder, packageNames, async (name, version) => {
    const plugin = await options.find?.({ name, version, settings: {}, provider: `schema of ${name}` });
    return plugin && schemaFrom(plugin);
  });
  const plan = await planOfServed(
    project,
    options,
    (monitor) => {
      const child = {
        file: host,
        args: [monitor.address],
        folder,
        environment: environmentOf(project, options, monitor),
        isHost: true,
      };
      return withChild(child, { lastActivity: monitor.lastRequestTime, patience }, (running) =>
        runWithHost(running, { project, options: { ...options, patience }, monitor }),
      );
    },
    schemaOf,
  );
  return runtime === "yaml" ? { ...plan, resources: withLines(project, plan.resources) } : plan;
}

/** A program that a language host runs against the simulated AWS. */
interface ProgramRun {
  readonly project: Project;
  readonly options: ProgramOptions & { readonly patience: number };
  readonly monitor: ServedMonitor;
}

async function runWithHost({ firstLine, ended, errors }: RunningChild, run: ProgramRun): Promise<void> {
  const { project, monitor } = run;
  const port = Number(await firstLine);
  if (!Number.isInteger(port) || port < 1)
    throw new UserError(`pulumi-language-${project.runtime} did not start`);
  const client = new services.LanguageRuntimeClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  try {
    const response = new Promise<language.RunResponse>((resolve, reject) => {
      client.run(requestFor(run), (error, response) =>
        error === null ? resolve(response) : reject(programError(project, errors() || error)),
      );
    });
    response.catch(() => undefined);
    const result = await Promise.race([response, ended]);
    if (!(result instanceof language.RunResponse))
      throw result.isTimedOut
        ? new UserError(
            `the program in ${project.givenPath} was stopped: it was idle for more than ${run.options.patience} s (see --patience)`,
          )
        : programError(project, `pulumi-language-${project.runtime} ended`);
    const [logged] = monitor.errors;
    if (result.getError() !== "" || result.getBail())
      throw programError(project, logged ?? (result.getError() || (await hostError(errors))));
  } finally {
    client.close();
  }
}

function requestFor({ project, options, monitor }: ProgramRun): language.RunRequest {
  const { stack } = monitor.plan();
  const info = new language.ProgramInfo();
  info.setRootDirectory(project.root);
  info.setProgramDirectory(project.folder);
  info.setEntryPoint(project.entry ?? ".");
  info.setOptions(toStruct(project.options as Properties));
  const request = new language.RunRequest();
  request.setProject(project.name);
  request.setStack(stack);
  request.setOrganization(ORGANIZATION);
  request.setPwd(project.folder);
  request.setProgram(project.entry ?? ".");
  request.setInfo(info);
  request.setDryrun(isDryRun(options));
  request.setParallel(Number(PARALLEL));
  request.setMonitorAddress(monitor.address);
  request.setLoaderTarget(monitor.address);
  request.setConfigsecretkeysList([...project.secrets]);
  for (const [key, value] of Object.entries(project.config)) request.getConfigMap().set(key, value);
  return request;
}

/** The output of a language host arrives separately from its response, possibly later. */
async function hostError(errors: () => string): Promise<string> {
  await setTimeoutPromise(50);
  const text = stripVTControlCharacters(errors());
  const [, message, file, line] = /Error: (.*\S)\s+on (\S+) line (\d+)/.exec(text) ?? [];
  if (message !== undefined) return `${message} (${file}:${line})`;
  return text.replace(/^Error: /, "") || "the language host reported no reason";
}
