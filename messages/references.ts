import { property, type Reference } from "./code";
import { type Language, writerOf } from "./languages";

/** The parts of a resource's URN that its program determines. */
interface UrnParts {
  /** Project and stack. */
  readonly program: string;
  readonly type: string;
  /** The logical name: the name in the program, as opposed to the name in AWS. */
  readonly name: string;
}

/** `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME` */
function parseUrn(urn: string): UrnParts | undefined {
  const [stack, project, types, ...name] = urn.split("::");
  if (stack === undefined || project === undefined || types === undefined || name.length === 0)
    return undefined;
  return {
    program: `${stack}::${project}`,
    type: types.slice(types.lastIndexOf("$") + 1),
    name: name.join("::"),
  };
}

/** `RestApi` of `aws:apigateway/restApi:RestApi`, and `Provider` of `pulumi:providers:aws` */
function kindOf(type: string): string {
  if (type.startsWith("pulumi:providers:")) return "Provider";
  return type.slice(type.lastIndexOf(":") + 1);
}

/**
 * The resources of a program that the code of a fix refers to. Physical names are not suitable: the engine generates a
 * new suffix for an auto-named resource in each run until it exists, and a literal ARN does not follow a replacement.
 * https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
 */
export class References {
  private readonly used = new Set<string>();
  private readonly program: string | undefined;

  /** @param ownerUrn The URN of a resource of the program that the code is for. */
  constructor(ownerUrn: string) {
    this.program = parseUrn(ownerUrn)?.program;
  }

  /** The type of a resource of the program; `undefined` for a resource of another program. */
  typeOf(urn: string | undefined): string | undefined {
    const resource = urn === undefined ? undefined : parseUrn(urn);
    return resource !== undefined && resource.program === this.program ? resource.type : undefined;
  }

  property(urn: string, name: string): Reference {
    this.used.add(urn);
    return property(urn, name);
  }

  /** A resource as a whole: a provider, or a dependency. */
  resource(urn: string): string {
    this.used.add(urn);
    return urn;
  }

  /** The URNs that were referred to, in that order. */
  get urns(): readonly string[] {
    return [...this.used];
  }
}

/** The word for resources in a program of the language. */
export class ProgramIdentifiers {
  readonly #identifiers = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(
    urns: readonly string[],
    private readonly language: Language,
  ) {
    for (const urn of urns) this.identifierOf(urn);
  }

  identifierOf(urn: string): string {
    const knownIdentifier = this.#identifiers.get(urn);
    if (knownIdentifier !== undefined) return knownIdentifier;
    const { name, type } = parseUrn(urn) ?? { name: urn, type: "" };
    const { identifier: identifierOf, namesVariables } = writerOf(this.language);
    if (!namesVariables) return this.#kept(urn, this.language === "json" ? `${kindOf(type)} ${name}` : name);
    const taken = this.#taken;
    const shortName = identifierOf(name);
    const withKind = taken.has(shortName) ? identifierOf(`${name}-${kindOf(type)}`) : shortName;
    let identifier = withKind;
    for (let number = 2; taken.has(identifier); number++) identifier = `${withKind}${number}`;
    return this.#kept(urn, identifier);
  }

  #kept(urn: string, identifier: string): string {
    this.#identifiers.set(urn, identifier);
    this.#taken.add(identifier);
    return identifier;
  }

  /** The resource of each variable: `orders is Function "orders"`. Empty when no variable needs an explanation. */
  legend(): string {
    if (!writerOf(this.language).namesVariables) return "";
    return [...this.#identifiers]
      .map(([urn, identifier]) => {
        const { name = "", type = "" } = parseUrn(urn) ?? {};
        return `${identifier} is ${kindOf(type)} ${JSON.stringify(name)}`;
      })
      .join(", ");
  }
}

/** A resource name for new code: the logical names of its subjects, joined. */
export function resourceName(...names: readonly string[]): string {
  return names
    .map((name) => (parseUrn(name)?.name ?? name).replace(/[^\w-]+/g, "-").replace(/^-+|-+$/g, ""))
    .filter((name) => name !== "")
    .join("-")
    .slice(0, 100);
}
