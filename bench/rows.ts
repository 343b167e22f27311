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
import { type BenchStack, largeBody, routesByCallers, services, type World, withoutApis } from "./resources";

/** The goal: a multiple of the empty pack, or an absolute value. */
export interface Goal {
  readonly times?: number;
  readonly seconds?: number;
  readonly timesMemory?: number;
  readonly mebibytes?: number;
}

export interface Row {
  readonly what: string;
  readonly worlds: readonly World[];
  readonly stack: (world: World) => BenchStack;
  readonly rounds: number;
  /** Compared with an empty pack of one stack policy instead of one of as many. */
  readonly againstOne?: true;
  readonly goal: (world: World) => Goal;
}

const BOTH = ["deployed", "first-preview"] as const;

export function rows(quick: boolean): readonly Row[] {
  return [...sizes(quick), ...many(quick)];
}

function sizes(quick: boolean): readonly Row[] {
  const rounds = quick ? 3 : 7;
  const interest = (size: number): Row => ({
    what: `${size.toLocaleString("en")} resources, 200 of interest; against one policy`,
    worlds: BOTH,
    stack: (world) => services(size, world, 200),
    rounds: size > 10_000 ? 3 : rounds,
    againstOne: true,
    goal: () => ({ times: 1.1 }),
  });
  const all = (size: number, goal: Row["goal"]): Row => ({
    what: `${size.toLocaleString("en")} resources`,
    worlds: BOTH,
    stack: (world) => services(size, world),
    rounds: size > 10_000 ? 3 : rounds,
    goal,
  });
  const large = [interest(50_000), all(50_000, () => ({ times: 1.15 }))];
  const nothing = (size: number, goal: Goal): Row => ({
    what: `${size.toLocaleString("en")} resources without API Gateway`,
    worlds: BOTH,
    stack: (world) => withoutApis(size, world),
    rounds,
    goal: () => goal,
  });
  return [
    nothing(300, { times: 1.05 }),
    nothing(10_000, { times: 1 }),
    interest(10_000),
    all(10_000, (world) => ({ times: world === "deployed" ? 1.1 : 1.2 })),
    ...(quick ? [] : large),
  ];
}

/** A row with an absolute value that does not depend on the empty pack. */
function slow(what: string, stack: Row["stack"], goal: Goal): Row {
  return { what, worlds: BOTH, stack, rounds: 1, goal: () => goal };
}

function many(quick: boolean): readonly Row[] {
  const n = (size: number): number => (quick ? Math.ceil(size / 5) : size);
  const routes = n(1_000);
  return [
    {
      what: `${routes} IAM routes × ${routes} callers`,
      worlds: BOTH,
      stack: (world) => routesByCallers(routes, routes, world),
      rounds: quick ? 3 : 5,
      goal: (world) => (world === "deployed" ? { times: 1.4, timesMemory: 1.3 } : { times: 1.5 }),
    },
    ...(["JSON", "YAML"] as const).map(
      (format): Row => ({
        what: `a body of 5 MB with 2,000 operations, ${format}`,
        worlds: BOTH,
        stack: (world) => largeBody(format, world),
        rounds: quick ? 3 : 7,
        goal: () => ({ times: format === "JSON" ? 1.4 : 1.8 }),
      }),
    ),
    slow(
      `${n(200)} callers that lack the function × ${n(200)} routes`,
      (world) => lackingCallers(n(200), n(200), world),
      {
        seconds: 1,
      },
    ),
    slow(
      `${n(300)} routes with a function each, 10 callers`,
      (world) => functionForEachRoute(n(300), 10, world),
      {
        seconds: 1,
        mebibytes: 300,
      },
    ),
    slow(`${n(600)} function URLs × ${n(600)} callers`, (world) => functionUrls(n(600), n(600), world), {
      seconds: 2,
      mebibytes: 400,
    }),
    slow(`callers: 50 × 20 declared routes on 100 × 100`, (world) => declaredCallers(50, 20, 100, world), {
      seconds: 0.3,
    }),
    slow(`${n(100)} nested greedy paths`, (world) => nestedGreedyPaths(n(100), world), { seconds: 0.5 }),
    slow(`${n(300)} statics next to /{proxy+}`, (world) => staticsNextToProxy(n(300), world), {
      seconds: 0.5,
    }),
    slow(`${n(500)} sibling parameters`, (world) => siblingParameters(n(500), world), { seconds: 0.5 }),
    slow(`${n(2_000)} permissions of one function`, (world) => permissionsOfOneFunction(n(2_000), world), {
      seconds: 1.5,
    }),
    slow(`${n(20_000)} operations by YAML anchors`, (world) => yamlAnchors(n(20_000), world), { seconds: 3 }),
  ];
}

/** One dimension of a stack. */
interface Dimension {
  readonly what: string;
  readonly size: number;
  readonly stack: (size: number, world: World) => BenchStack;
}

/** Dimensions that should cost twice as much when they are doubled. */
export const singles: readonly Dimension[] = [
  { what: "resources", size: 5_000, stack: (size, world) => services(size, world) },
  { what: "routes", size: 500, stack: (size, world) => lackingCallers(size, 20, world) },
  { what: "callers", size: 200, stack: (size, world) => lackingCallers(100, size, world) },
  {
    what: "functions, a route each",
    size: 300,
    stack: (size, world) => functionForEachRoute(size, 10, world),
  },
  { what: "permissions of one function", size: 1_000, stack: permissionsOfOneFunction },
  { what: "function URLs", size: 300, stack: (size, world) => functionUrls(size, 20, world) },
  { what: "operations by YAML anchors", size: 5_000, stack: yamlAnchors },
];

/** The question that is evaluated for each pair. */
export const pairs: readonly Dimension[] = [
  { what: "routes and callers", size: 400, stack: (size, world) => routesByCallers(size, size, world) },
  {
    what: "routes and callers that lack the function",
    size: 100,
    stack: (size, world) => lackingCallers(size, size, world),
  },
  { what: "function URLs and callers", size: 150, stack: (size, world) => functionUrls(size, size, world) },
  { what: "nested greedy paths", size: 50, stack: nestedGreedyPaths },
  { what: "sibling parameters", size: 200, stack: siblingParameters },
];
