/** The rows of the bench: the measurements, their moments, and their goals. */
import {
  declaredCallers,
  functionForEachRoute,
  functionUrls,
  lackingCallers,
  nestedGreedyPaths,
  permissionsOfOneFunction,
  siblingParameters,
  staticsNextToProxy,
  yamlAnchors,
} from "./cases";
import { type BenchStack, largeBody, type Moment, routesByCallers, services, withoutApis } from "./resources";

/** The goal: a multiple of the empty pack, or an absolute value. */
export interface Goal {
  readonly times?: number;
  readonly seconds?: number;
  readonly timesMemory?: number;
  readonly mebibytes?: number;
}

export interface Row {
  readonly label: string;
  readonly moments: readonly Moment[];
  readonly stack: (moment: Moment) => BenchStack;
  readonly rounds: number;
  /** Compared with an empty pack of one stack policy instead of one of as many. */
  readonly againstOne?: true;
  readonly goal: (moment: Moment) => Goal;
}

const BOTH = ["deployed", "first-preview"] as const;

export function rows(quick: boolean): readonly Row[] {
  return [...sizes(quick), ...many(quick)];
}

function sizes(quick: boolean): readonly Row[] {
  const rounds = quick ? 3 : 7;
  const interest = (size: number): Row => ({
    label: `${size.toLocaleString("en")} resources, 200 of interest; against one policy`,
    moments: BOTH,
    stack: (moment) => services(size, moment, 200),
    rounds: size > 10_000 ? 3 : rounds,
    againstOne: true,
    goal: () => ({ times: 1.1 }),
  });
  const all = (size: number, goal: Row["goal"]): Row => ({
    label: `${size.toLocaleString("en")} resources`,
    moments: BOTH,
    stack: (moment) => services(size, moment),
    rounds: size > 10_000 ? 3 : rounds,
    goal,
  });
  const large = [interest(50_000), all(50_000, () => ({ times: 1.15 }))];
  const nothing = (size: number, goal: Goal): Row => ({
    label: `${size.toLocaleString("en")} resources without API Gateway`,
    moments: BOTH,
    stack: (moment) => withoutApis(size, moment),
    rounds,
    goal: () => goal,
  });
  return [
    nothing(300, { times: 1.05 }),
    nothing(10_000, { times: 1 }),
    interest(10_000),
    all(10_000, (moment) => ({ times: moment === "deployed" ? 1.1 : 1.2 })),
    ...(quick ? [] : large),
  ];
}

/** A row with an absolute value that does not depend on the empty pack. */
function slow(label: string, stack: Row["stack"], goal: Goal): Row {
  return { label, moments: BOTH, stack, rounds: 1, goal: () => goal };
}

function many(quick: boolean): readonly Row[] {
  const n = (size: number): number => (quick ? Math.ceil(size / 5) : size);
  const routes = n(1_000);
  return [
    {
      label: `${routes} IAM routes × ${routes} callers`,
      moments: BOTH,
      stack: (moment) => routesByCallers(routes, routes, moment),
      rounds: quick ? 3 : 5,
      goal: (moment) => (moment === "deployed" ? { times: 1.4, timesMemory: 1.3 } : { times: 1.5 }),
    },
    ...(["JSON", "YAML"] as const).map(
      (format): Row => ({
        label: `a body of 5 MB with 2,000 operations, ${format}`,
        moments: BOTH,
        stack: (moment) => largeBody(format, moment),
        rounds: quick ? 3 : 7,
        goal: () => ({ times: format === "JSON" ? 1.4 : 1.8 }),
      }),
    ),
    slow(
      `${n(200)} callers that may not invoke the function × ${n(200)} routes`,
      (moment) => lackingCallers(n(200), n(200), moment),
      {
        seconds: 1,
      },
    ),
    slow(
      `${n(300)} routes with a function each, 10 callers`,
      (moment) => functionForEachRoute(n(300), 10, moment),
      {
        seconds: 1,
        mebibytes: 300,
      },
    ),
    slow(`${n(600)} function URLs × ${n(600)} callers`, (moment) => functionUrls(n(600), n(600), moment), {
      seconds: 2,
      mebibytes: 400,
    }),
    slow(`callers: 50 × 20 declared routes on 100 × 100`, (moment) => declaredCallers(50, 20, 100, moment), {
      seconds: 0.3,
    }),
    slow(`${n(100)} nested greedy paths`, (moment) => nestedGreedyPaths(n(100), moment), { seconds: 0.5 }),
    slow(`${n(300)} statics next to /{proxy+}`, (moment) => staticsNextToProxy(n(300), moment), {
      seconds: 0.5,
    }),
    slow(`${n(500)} sibling parameters`, (moment) => siblingParameters(n(500), moment), { seconds: 0.5 }),
    slow(`${n(2_000)} permissions of one function`, (moment) => permissionsOfOneFunction(n(2_000), moment), {
      seconds: 1.5,
    }),
    slow(`${n(20_000)} operations by YAML anchors`, (moment) => yamlAnchors(n(20_000), moment), {
      seconds: 3,
    }),
  ];
}

/** One dimension of a stack. */
interface Dimension {
  readonly label: string;
  readonly size: number;
  readonly stack: (size: number, moment: Moment) => BenchStack;
}

/** Dimensions that should cost twice as much when they are doubled. */
export const singles: readonly Dimension[] = [
  { label: "resources", size: 5_000, stack: (size, moment) => services(size, moment) },
  { label: "routes", size: 500, stack: (size, moment) => lackingCallers(size, 20, moment) },
  { label: "callers", size: 200, stack: (size, moment) => lackingCallers(100, size, moment) },
  {
    label: "functions, a route each",
    size: 300,
    stack: (size, moment) => functionForEachRoute(size, 10, moment),
  },
  { label: "permissions of one function", size: 1_000, stack: permissionsOfOneFunction },
  { label: "function URLs", size: 300, stack: (size, moment) => functionUrls(size, 20, moment) },
  { label: "operations by YAML anchors", size: 5_000, stack: yamlAnchors },
];

/** The question that is evaluated for each pair. */
export const pairs: readonly Dimension[] = [
  { label: "routes and callers", size: 400, stack: (size, moment) => routesByCallers(size, size, moment) },
  {
    label: "routes and callers that may not invoke the function",
    size: 100,
    stack: (size, moment) => lackingCallers(size, size, moment),
  },
  {
    label: "function URLs and callers",
    size: 150,
    stack: (size, moment) => functionUrls(size, size, moment),
  },
  { label: "nested greedy paths", size: 50, stack: nestedGreedyPaths },
  { label: "sibling parameters", size: 200, stack: siblingParameters },
];
