/** The parts of a resource's URN that its program knows. */
interface Named {
  /** Project and stack. */
  readonly program: string;
  readonly type: string;
  /** The logical name: what the program calls it, however AWS does. */
  readonly name: string;
}

/** `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME` */
function named(urn: string): Named | undefined {
  const [stack, project, types, ...name] = urn.split("::");
  if (stack === undefined || project === undefined || types === undefined || name.length === 0)
    return undefined;
  return {
    program: `${stack}::${project}`,
    type: types.slice(types.lastIndexOf("$") + 1),
    name: name.join("::"),
  };
}

/** https://tc39.es/ecma262/#prod-ReservedWord, and what the code of fixes refers to */
const TAKEN: ReadonlySet<string> = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval undefined aws awsNative pulumi".split(
    " ",
  ),
);

/** `orders-api` as a variable is called: `ordersApi`. */
function identifierOf(name: string): string {
  const words = name.split(/[^A-Za-z0-9_$]+/).filter((word) => word !== "");
  const joined = words
    .map((word, at) => (at === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join("");
  const identifier = joined.slice(0, 60);
  if (identifier === "") return "resource";
  return /^\d/.test(identifier) || TAKEN.has(identifier) ? `_${identifier}` : identifier;
}

/** `RestApi` of `aws:apigateway/restApi:RestApi` */
function kindOf(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/**
 * The resources of a program that the code of a fix names. Physical names will not do: the engine draws a new suffix
 * for an auto-named resource in each run until it exists, and an ARN that is written out misses the replacement.
 * https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
 */
export class References {
  private readonly identifiers = new Map<string, string>();
  private readonly taken = new Set<string>();
  private readonly program: string | undefined;

  /** @param home The URN of a resource of the program that the code is for. */
  constructor(home: string) {
    this.program = named(home)?.program;
  }

  /** The type of a resource that the program has; `undefined` for what belongs to another one. */
  typeOf(urn: string | undefined): string | undefined {
    const resource = urn === undefined ? undefined : named(urn);
    return resource !== undefined && resource.program === this.program ? resource.type : undefined;
  }

  /** The variable that stands for a resource of the program. */
  of(urn: string): string {
    const before = this.identifiers.get(urn);
    if (before !== undefined) return before;
    const { name, type } = named(urn) ?? { name: urn, type: "" };
    const { taken } = this;
    const plain = identifierOf(name);
    const withKind = `${plain}${kindOf(type)}`;
    let identifier = taken.has(plain) ? withKind : plain;
    for (let number = 2; taken.has(identifier); number++) identifier = `${withKind}${number}`;
    this.identifiers.set(urn, identifier);
    taken.add(identifier);
    return identifier;
  }

  /** Which resource each variable is: `orders is Function "orders"`. Empty when there is none. */
  legend(): string {
    return [...this.identifiers]
      .map(([urn, identifier]) => {
        const { name = "", type = "" } = named(urn) ?? {};
        return `${identifier} is ${kindOf(type)} ${JSON.stringify(name)}`;
      })
      .join(", ");
  }
}

/** A resource name for new code: the logical names of what it is about, joined. */
export function resourceName(...names: readonly string[]): string {
  return names
    .map((name) => (named(name)?.name ?? name).replace(/[^\w-]+/g, "-").replace(/^-+|-+$/g, ""))
    .filter((name) => name !== "")
    .join("-")
    .slice(0, 100);
}
