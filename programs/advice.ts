import type { Project } from "./project";
import { ExitCalled, errorMessage, UserError } from "./user-error";

type Advice = (match: RegExpExecArray, project: Pick<Project, "givenPath">) => string;

/** Advice on errors of programs in any language. */
const ADVICE: readonly (readonly [error: RegExp, advice: Advice])[] = [
  [
    /missing required configuration variable '([^']+)'/i,
    ([, key = ""]) =>
      `set it with "pulumi config set ${key} VALUE", or use --stack to name a stack whose configuration contains it`,
  ],
  [
    /^Cannot find (?:module|package) '(?![./]|[a-z]:)/i,
    (_match, { givenPath }) => `install the packages of the program with npm install in ${givenPath}`,
  ],
  [
    /^ModuleNotFoundError: /,
    () => "install the requirements of the program in a virtual environment in its folder (venv)",
  ],
  [/^panic: /, () => 'the language host failed; "pulumi preview" may show the cause'],
];

/** Like the Pulumi CLI, refuses to run a program without a value for a required setting. */
export function requireSettings(project: Pick<Project, "givenPath" | "missing" | "name">): void {
  const [first, ...otherKeys] = project.missing.map((key) => key.replace(`${project.name}:`, ""));
  if (first === undefined) return;
  const more = otherKeys.length === 0 ? "" : ` (and ${otherKeys.map((text) => `'${text}'`).join(", ")})`;
  throw programError(project, `missing required configuration variable '${first}'${more}`);
}

/** The error of a program, with advice for known errors. */
export function programError(project: Pick<Project, "givenPath">, error: unknown): UserError {
  const reason = errorMessage(error).replace(/; run `pulumi config.*$/, "");
  const exitAdvice =
    error instanceof ExitCalled ? ["remove the call, because a program ends when it returns"] : [];
  const advice = ADVICE.flatMap(([pattern, advise]) => {
    const match = pattern.exec(reason);
    return match === null ? [] : [advise(match, project)];
  });
  return new UserError(
    [`the program in ${project.givenPath} failed: ${reason}`, ...exitAdvice, ...advice].join("; "),
  );
}
