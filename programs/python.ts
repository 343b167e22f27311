import { resolve } from "node:path";
import { ORGANIZATION } from "../testing/components";
import { isDryRun, type PartialPlan } from "../testing/plan";
import { onPath, withChild } from "./child-process";
import type { ProgramOptions, Project } from "./project";
import { interpreterIn } from "./python-interpreter";
import { environmentOf, PARALLEL, PATIENCE, planOfServed, throwIfFailed } from "./served";
import { UserError } from "./user-error";

/** The exit status of the script if the Pulumi SDK is missing. */
const NO_SDK = 97;

/**
 * Runs a program as Pulumi's language host for Python does. `Settings` of earlier versions have fewer fields. An error
 * is sent to the monitor in one line, with the innermost position in the program itself.
 */
const RUN_SCRIPT = `
import asyncio, inspect, json, logging, os, runpy, sys, traceback
try:
    import pulumi, pulumi.runtime
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(${NO_SDK})

settings = json.loads(sys.argv[1])
program = settings.pop("program")
parameters = inspect.signature(pulumi.runtime.Settings.__init__).parameters
pulumi.runtime.configure(pulumi.runtime.Settings(**{k: v for k, v in settings.items() if k in parameters}))
config = json.loads(os.environ["PULUMI_CONFIG"])
secrets = json.loads(os.environ["PULUMI_CONFIG_SECRET_KEYS"])
if hasattr(pulumi.runtime, "set_all_config"):
    pulumi.runtime.set_all_config(config, secrets)
sys.argv = [program]
logging.getLogger("asyncio").setLevel(logging.CRITICAL)

def error_text(error):
    root = os.path.realpath(settings["root_directory"]) + os.sep
    frames = [f for f in traceback.extract_tb(error.__traceback__)
              if not f.filename.startswith("<") and os.path.realpath(f.filename).startswith(root) and "site-packages" not in f.filename]
    place = " (%s:%s)" % (os.path.realpath(frames[-1].filename)[len(root):], frames[-1].lineno) if frames else ""
    first = (str(error).strip().splitlines() or [""])[0]
    return "%s: %s%s" % (type(error).__name__, first, place)

async def main():
    await pulumi.runtime.run_in_stack(lambda: runpy.run_path(program, run_name="__main__"))

status = 1
try:
    asyncio.run(main())
    status = 0
except pulumi.RunError as error:
    pulumi.log.error(str(error))
except Exception as error:
    pulumi.log.error(error_text(error))
sys.stdout.flush()
sys.stderr.flush()
os._exit(status)
`;

/**
 * Plans a program for Python with its own SDK, from the project's virtual environment or the interpreter on PATH.
 *
 * @throws {UserError} If it cannot be run, or fails.
 */
export async function planOfPythonProgram(project: Project, options: ProgramOptions): Promise<PartialPlan> {
  const python = interpreterOf(project);
  const program = resolve(project.folder, project.entry ?? ".");
  const { patience = PATIENCE } = options;
  return planOfServed(project, options, (monitor) => {
    const { stack } = monitor.plan();
    const settings = {
      program,
      project: project.name,
      stack,
      monitor: monitor.address,
      engine: monitor.address,
      parallel: Number(PARALLEL),
      dry_run: isDryRun(options),
      organization: ORGANIZATION,
      root_directory: project.root,
    };
    const environment = {
      ...environmentOf(project, options, monitor),
      PYTHONUNBUFFERED: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const child = {
      file: python,
      args: ["-c", RUN_SCRIPT, JSON.stringify(settings)],
      folder: project.folder,
      environment,
    };
    return withChild(child, { lastActivity: monitor.lastRequestTime, patience }, async ({ ended }) => {
      const exit = await ended;
      if (exit.status === NO_SDK)
        throw new UserError(
          `the program in ${project.givenPath} requires the Pulumi SDK for Python, which ${python} does not have; install the requirements of the program in a virtual environment in its folder (venv)`,
        );
      throwIfFailed({ project, monitor, patience }, exit);
    });
  });
}

/**
 * The virtual environment that the project names, one in its folder, or an active one; else the interpreter on PATH.
 */
function interpreterOf({ options, root, givenPath }: Project): string {
  const environmentName = typeof options.virtualenv === "string" ? options.virtualenv : undefined;
  if (environmentName !== undefined) {
    const interpreter = interpreterIn(resolve(root, environmentName));
    if (interpreter === undefined)
      throw new UserError(
        `${givenPath} uses the virtual environment ${environmentName}, which does not exist; create it, and install the requirements of the program in it`,
      );
    return interpreter;
  }
  const active = process.env.VIRTUAL_ENV;
  const interpreter = [
    ...[".venv", "venv"].map((name) => resolve(root, name)),
    ...(active === undefined ? [] : [active]),
  ]
    .map(interpreterIn)
    .find((file) => file !== undefined);
  const python = interpreter ?? onPath("python3") ?? onPath("python");
  if (python === undefined)
    throw new UserError(`the program in ${givenPath} requires Python, which is not on PATH`);
  return python;
}
