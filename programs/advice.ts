import type { Project } from "./project";
import { ExitCalled, errorMessage, UserError } from "./user-error";

type Advice = (match: RegExpExecArray, project: Pick<Project, "givenPath">) => string;

/** Advice on errors of programs in any language. */
const ADVICE: readonly (readonly [error: RegExp, advice: Advice])[] = [
  [
    /missing required configuration variable '([^']+)'/i,
    ([, key = ""]) =>
      `set it with "pulumi config set ${key} VALUE", or name a stack whose file has it with --stack`,
  ],
  [
    /^Cannot find (?:module|package) '(?![./]|[a-z]:)/i,
    (_match, { givenPath }) => `install the packages of the program: npm install in ${givenPath}`,
  ],
  [
    /^ModuleNotFoundError: /,
    () => "install the program's requirements in a virtual environment of its folder (venv)",
  ],
  [/^panic: /, () => 'its language host failed: "pulumi preview" may show the cause'],
];

/** The failure of a program without a required setting; the Pulumi CLI refuses to run it, too. */
export function requireSettings(project: Pick<Project, "givenPath" | "missing" | "name">): void {
  const [first, ...otherKeys] = project.missing.map((key) => key.replace(`${project.name}:`, ""));
  if (first === undefined) return;
  const more = otherKeys.length === 0 ? "" : ` (and ${otherKeys.map((text) => `'${text}'`).join(", ")})`;
  throw programError(project, `missing required configuration variable '${first}'${more}`);
}

/** The failure of a program: its own error, with advice where there is any. */
export function programError(project: Pick<Project, "givenPath">, error: unknown): UserError {
  const reason = errorMessage(error).replace(/; run `pulumi config.*$/, "");
  const exitAdvice = error instanceof ExitCalled ? ["a program ends when it returns"] : [];
  const advice = ADVICE.flatMap(([pattern, advise]) => {
    const match = pattern.exec(reason);
    return match === null ? [] : [advise(match, project)];
  });
  return new UserError(
    [`the program in ${project.givenPath} failed: ${reason}`, ...exitAdvice, ...advice].join("; "),
  );
}
