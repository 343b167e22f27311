import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";
import { filesIn } from "./support/source-files";

/**
 * Names that this project does not declare, because a new reader cannot guess their content, with what to use in their
 * place. Exact names only.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  World: "DeploymentState, Moment",
  Asked: "a question or a request by its name",
  asked: "the question or the request",
  ask: "context, or what the function answers",
  Naming: "references",
  HOLDER: "what it holds",
  Found: "what was found: a statement, a drift",
  concerning: "statementsFor",
  spared: "notPrincipalMatch",
  outsider: "external",
  outsiders: "external",
  stranger: "external, unknown",
  strangers: "external, unknown",
  requesters: "principals",
  meant: "intended",
  isMeant: "isIntended",
  isMeantFor: "isIntendedFor",
  speakOf: "covers",
  maySpeakOf: "mayCover",
  miss: "mismatch",
  Miss: "Mismatch",
  letsIn: "allowsInvokeFrom",
  isLetIn: "isAllowed",
  letThrough: "allowed",
  passthrough: "caller credentials",
  usesCaller: "usesCallerCredentials",
  Said: "fields, a message",
  said: "a message, a label",
  say: "describe, show",
  tell: "describe, report",
  told: "reported",
  untold: "unreported",
  Run: "what runs: ProgramRun",
  Judged: "PolicyResult",
  judge: "analyze",
  Doubt: "UnknownReason",
  doubt: "unknown",
  settle: "resolution; of a promise: untilSettled",
  inTheDark: "principalsWithUnknownPolicies",
  aside: "deferred",
  stopped: "denied",
  one: "what it is",
  some: "what they are",
  met: "matched",
  whom: "what it is",
  whose: "owner",
  wrong: "mismatch, problem",
  Reading: "ResourceIndex",
  reading: "resources",
  lookedUp: "readOutputs",
  says: "messageIncludes, a message",
  world: "moment, stack",
  worlds: "moments, stacks",
  letIn: "allowInvoke",
  brief: "a label",
  dice: "random",
  how: "mode, comparison",
  who: "principal, match",
  enough: "isSufficient",
  perhaps: "possible",
  maybe: "uncertain, possible",
  sure: "certain",
  surelyOwn: "outsideConditions",
  isSure: "isCertain, or the condition",
  understood: "dependencies, known",
  anything: "anyResource, chosenByRequest",
  anyone: "everyone, forAnyPrincipal",
  ours: "the owner's name",
  another: "otherTarget, otherAction",
  brought: "granted",
  also: "additional",
  against: "compared",
  applied: "the effect",
  between: "the part in question",
  concerned: "callStatements, affected",
  concerns: "concernsCalls, statementsByAction",
  matters: "isRelevant",
  early: "isTooEarly",
  blank: "hasNoProperties",
  readable: "isReadable",
  madeBy: "definedBy, createdBy",
  isMade: "isCreatedByStack",
  isWild: "isWildcard",
  mayBeOne: "isUncertain",
  mayBeOther: "mayNotBeFunction",
  mayBeNone: "mayNotExist",
  mayHaveOthers: "mayHaveOtherTags",
  isOtherwiseMet: "otherElementsMatch",
  isHeldAnyway: "hasWorkingAction",
  leftOpen: "withUnknownAnswer",
  explainedBy: "explainWith",
  ofHolder: "markExisting",
  ofOthers: "externalMembers",
  ofUser: "groupsOf",
  ofState: "isFromState",
  ofOldState: "fromOldState",
  onFunction: "withFunctionTags",
  onceEach: "withoutDuplicates",
  othersOf: "the owner of the others: claimedMethodsOf",
  takers: "claimingRoutes",
  taker: "claimingRoute",
  callsNone: "callsNoFunction",
  callsOthers: "mayCallOtherTarget",
  carriedBy: "functionsThrough",
  leadsTo: "functionOf",
  whatItNames: "unknownSourceArn",
  fromNothing: "hasNoDependencies",
  meaningOf: "dependencySubjects",
  hiddenBy: "unknownOrigins",
  heldBy: "policiesWithoutGroups",
  giveTo: "assignPolicies",
  placesWritten: "writtenLocations",
  waitedFor: "directDependencies",
  weigh: "evaluatePolicies",
  Held: "PrincipalPolicies",
  Hidden: "UnknownDocument",
  Holder: "BodyContext, Owner",
  Holdings: "PrincipalContext",
  Meaning: "DependencySubjects",
  Planned: "PlannedResource, ReadableResource",
  Taker: "ClaimingRoute",
  OtherVerbs: "ClaimedMethods",
  DEEPEST: "MAX_DEPTH",
  LONGEST: "MAX_LENGTH",
  FARTHEST: "MAX_REFERENCES",
  LOOKED_AT: "MAX_STATEMENTS",
  SOMEWHERE: "ANY_PATH",
  NOWHERE: "NO_PATTERN",
  OTHERWISE: "DEFAULT_VALUES",
  HOLDING: "ATTACHED_KINDS",
  plainly: "fallback, deserialize",
  tellDeferred: "reportDeferred",
  tellPlainly: "reportInternalError",
  isLookedAt: "keepsProperties",
  looksAt: "evaluatesType",
  mayBeMeant: "mayCallUrls",
  otherwiseCalled: "qualifierAlternatives",
  howToDeny: "denyAdvice",
  perhapsOn: "asPossible",
  perhapsCallers: "possibleCallers",
  isCertainlyAsked: "certainlyReceives",
  surelyLambda: "isCertainlyLambda",
  whichAccount: "unknownAccount",
  whichQualifier: "unknownQualifier",
  whichEndpoint: "unknownVpcEndpoint",
  whetherSet: "unknownResourcePolicy",
  whetherStillThere: "unknownWhetherKept",
  unlessOther: "unprovenIfOtherTarget",
  unlessUnused: "unprovenIfUnused",
  whatIsMissing: "missingPermission",
  whatIsWrong: "problemOfText",
  whyNotApplicable: "notApplicableReason",
  AskedRoute: "EvaluatedRoute",
  waysOut: "alternatives",
  inItsAccount: "accountHint",
  yours: "inAws",
  hearConfiguration: "receiveConfiguration",
  onWhich: "unknownFunctionOf",
  whoOf: "callerOf",
  byUrlAlone: "mayInvokeByUrlOnly",
  singlesOut: "allowsSpecifically",
  amongOthers: "callerOfOtherRoutes",
  openBy: "unknownsOf",
  twinOf: "invokePermissionFor",
  meantBy: "appliesTo",
  asSet: "withInputs",
  isLeft: "isReportedNow",
  mayHoldMore: "mayGrantMore",
  metBy: "appliesTo",
  decideIt: "compute",
  holderOf: "principalName",
  takesTheRest: "isCatchAll",
  takesAnyVerb: "acceptsAnyMethod",
  verbsLeft: "remainingMethods",
  leavesVerbs: "acceptsMoreMethods",
  own: "ownRegion, callerAnswers: what it is",
  others: "what they are: otherStatements, unlisted",
  such: "what they have in common: sameOutcome",
  asks: "question",
  mine: "ownedByStack, isCompiled",
  touched: "affected",
  missed: "matchesNoRoute, what was missed",
  inParts: "appendInParts",
  goesOn: "isActive, hasMore",
  wholly: "withoutRemoteComponents",
  PlanInPart: "PartialPlan",
  worldOf: "deploymentState",
  Diagnosing: "LogDiagnosis",
  Words: "AnswerContent",
  Speaker: "ReportingPolicy",
  toldToTheWriter: "ignoreErrorEvent",
  asksWho: "evaluatesCaller",
  unsaid: "unknownPath, possibleRoutes",
  Ask: "what a case is for: GrantCase",
  held: "policies, statements",
  holding: "with and its content",
  holds: "with and its content",
  hold: "with and its content",
  price: "acceptedDenials",
  Ran: "result: CommandResult",
  ran: "result",
  inWords: "describe and its subject",
  made: "created, generated",
  gone: "removed",
  Standing: "DisplayedOutcome",
  STANDINGS: "DISPLAYED_OUTCOMES",
  standing: "outcome",
  standings: "outcomes",
  standingOf: "displayedOutcomeOf",
  standingAt: "outcomeAt",
  Given: "VerdictFields",
  doubtful: "uncertainSource",
  isSilentOn: "assertNoFindings",
  runHere: "runInFolder",
  hits: "matchingStatements",
  grown: "growthOf, largerProgram",
  LACKS: "LACKS_INVOKE",
  LED_TO: "INTERNAL_ERROR",
  isHead: "isTopLevelResource",
  HEADS: "TOP_LEVEL_TYPES",
  HEAD_PROPERTIES: "TOP_LEVEL_PROPERTIES",
  OwnParts: "StackResources",
  PLAIN: "NO_UNKNOWNS",
  AlikeUrls: "UrlGroup",
  alikeUrls: "urlGroups",
  openUrl: "publicUrl",
  openCallerOf: "placeholderCallerOf",
  openCallers: "placeholderCallers",
  Maker: "HandlerFactory, HypothesisReader",
  guess: "probablyPrefix",
  describeRights: "describeMissingPermission",
  SUBJECT_GOES_ON: "SUBJECT_CONTINUES",
  allButDeleting: "allExceptDeleteBucket",
  Place: "what it locates: AwsLocation, CellPosition",
};

const ROOT = path.resolve(__dirname, "..");

/** Folders and files whose names are checked. */
const CHECKED = [
  "access",
  "account",
  "aws",
  "bench",
  "cli",
  "diagnose",
  "engine",
  "iam",
  "index.ts",
  "messages",
  "policies",
  "programs",
  "pulumi",
  "report",
  "scripts",
  "stack",
  "test",
  "testing",
];

/** The list above declares the names. */
const THIS_FILE = path.relative(ROOT, __filename);

/** Names that a file declares: of functions, types, variables, parameters and properties. */
function declaredNames(
  file: string,
  text: string,
): readonly { readonly name: string; readonly place: string }[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const names: { name: string; place: string }[] = [];
  const visit = (node: ts.Node): void => {
    const name = isDeclaration(node) ? node.name : undefined;
    if (name !== undefined && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name))) {
      const { line } = source.getLineAndCharacterOfPosition(name.getStart());
      names.push({ name: name.text.replace(/^#/, ""), place: `${file}:${line + 1}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** A use of a name declared elsewhere, such as in a library, is not a declaration. */
function isDeclaration(node: ts.Node): node is ts.NamedDeclaration {
  return "name" in node && !ts.isPropertyAccessExpression(node) && !ts.isMetaProperty(node);
}

describe("identifiers", () => {
  const names = CHECKED.flatMap(filesIn)
    .filter((file) => file !== THIS_FILE)
    .flatMap((file) => declaredNames(file, fs.readFileSync(path.join(ROOT, file), "utf8")));

  it("are found in every kind of declaration", () => {
    const text = `
      import { a } from "x";
      export interface B { readonly c: string }
      type D = { e(): void };
      function f(g: string, { h, i: [j] }: K) { for (const l of g) (m) => ({ n: m, o }); }
      class P { private q = r.s; readonly #t = 1; #u(): void {} }`;
    assert.deepEqual(
      declaredNames("x.ts", text).map(({ name }) => name),
      ["a", "B", "c", "D", "e", "f", "g", "h", "j", "l", "m", "n", "o", "P", "q", "t", "u"],
    );
  });

  it("are found in every folder", () => {
    const folders = new Set(names.map(({ place }) => place.split(/[\\/:]/)[0]));
    assert.deepEqual(
      CHECKED.filter((folder) => !folders.has(folder)),
      [],
    );
  });

  for (const [word, instead] of Object.entries(INSTEAD))
    it(`do not include ${word}: ${instead}`, () => {
      assert.deepEqual(
        names.filter(({ name }) => name === word).map(({ place }) => place),
        [],
      );
    });
});
