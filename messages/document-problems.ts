import type { DocumentProblem, Problem } from "../iam";

/** The reason for which IAM refuses a policy document. */
export function showProblem(problem: DocumentProblem): string {
  switch (problem.code) {
    case "not-json":
      return "the document is not JSON";
    case "not-an-object":
      return problem.isReadable ? "the document is not a JSON object" : "the document cannot be read";
    case "too-large":
      return `the document has ${problem.size} characters, more than IAM accepts for any policy`;
    case "duplicate-key":
      return `the ${withName(problem.part === "condition" ? "condition key" : "key", problem.name)} appears twice`;
    case "unknown-element":
      return withName("unknown element", problem.name);
    case "version":
      return `Version is ${versionOf(problem)}`;
    case "wrong-type":
      return wrongType(problem);
    case "missing-element":
      return missingElement(problem);
    case "prohibited-element": {
      const kind = problem.use === "trust" ? "a trust policy" : "an identity-based policy";
      return `${kind} cannot have a ${problem.element} element`;
    }
    case "conflicting-elements":
      return `the statement has both ${problem.element} and Not${problem.element}`;
    case "effect":
      return "Effect is neither Allow nor Deny";
    case "action":
      return 'an action has no service before a colon, such as "lambda:"';
    case "principal":
      return invalidPrincipal(problem);
    case "operator":
      return withName("unknown condition operator", problem.name);
    case "sid":
      return problem.fault === "duplicate"
        ? "another statement has the same Sid"
        : "the Sid contains characters other than letters and digits";
  }
}

/** Without the name where it may be a secret. */
function withName(text: string, name: string | undefined): string {
  return name === undefined ? text : `${text} ${name}`;
}

type ProblemOf<Code extends Problem["code"]> = Extract<DocumentProblem, { readonly code: Code }>;

function versionOf(problem: ProblemOf<"version">): string {
  if ("version" in problem) return `"${problem.version}", not "2012-10-17"`;
  return problem.type === "string"
    ? 'not a version of the policy language, such as "2012-10-17"'
    : `of type ${problem.type}, not "2012-10-17"`;
}

function wrongType(problem: ProblemOf<"wrong-type">): string {
  switch (problem.part) {
    case "statement":
      return "the statement is not a JSON object";
    case "Sid":
      return "Sid is not a string";
    case "Condition":
      return "Condition is not a JSON object";
    case "operator":
      return "the value of a condition operator is not a JSON object";
    case "leaf":
      return `${problem.element} contains a value of type ${problem.type}`;
  }
}

function missingElement(problem: ProblemOf<"missing-element">): string {
  switch (problem.part) {
    case "document":
    case "statement":
      return `the ${problem.part} has no ${problem.element}`;
    case "list":
      return `${problem.element} is empty`;
    case "condition":
      return `Condition ${problem.operator} has no value`;
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function invalidPrincipal(problem: ProblemOf<"principal">): string {
  switch (problem.fault) {
    case "not-an-object":
      return `Principal is ${problem.use === "trust" ? "not" : 'neither "*" nor'} an object such as {"Service": "…"}`;
    case "unknown-type":
      return withName("unknown principal type", problem.name);
    case "wildcard":
      return `a principal of type ${problem.type} contains a wildcard`;
    case "partial-wildcard":
      return "a wildcard cannot match part of a principal";
    case "not-an-identity":
      return "the principal is neither an ARN nor an account ID";
  }
}
