/**
 * Resources of an `AnalyzeStack` request as they are in its bytes: each part is read on demand, and most
 * never are. The SDK's messages of a resource take more time and memory than the pack's own model of it.
 * https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto, https://protobuf.dev/programming-guides/encoding/
 */
import { type Cursor, endOf, everything, fieldAt, skip, stringIn, structIn } from "./struct";

/** A resource of a request, with those methods of the SDK's messages that the pack needs. */
export interface ResourceMessage {
  getType(): string;
  getUrn(): string;
  getName(): string;
  getParent(): string;
  getProperties(): Properties | undefined;
  getProvider(): ProviderMessage | undefined;
  getOptions(): { getIgnorechangesList(): readonly string[] } | undefined;
  getDependenciesList(): readonly string[];
  getPropertydependenciesMap(): {
    forEach(each: (dependencies: { getUrnsList(): readonly string[] }, property: string) => void): void;
  };
}

export interface ProviderMessage {
  getType(): string;
  getUrn(): string;
  getName(): string;
  getProperties(): { toJavaScript(): object } | undefined;
}

export interface Properties {
  toJavaScript(): object;
  getFieldsMap?(): { forEach(each: (value: { toJavaScript(): unknown }, name: string) => void): void };
}

/** The resources in the bytes of a request. Throws `NOT_READ` where protobuf has to read them. */
export function resourcesIn(buffer: Buffer): readonly ResourceMessage[] {
  const cursor = { buffer, at: 0 };
  const providers = new Providers(buffer);
  const resources: SentResource[] = [];
  while (cursor.at < buffer.length) {
    const { field, wireType } = fieldAt(cursor);
    if (field !== 1) skip(cursor, wireType, buffer.length);
    else resources.push(new SentResource(cursor, endOf(cursor, wireType, buffer.length), providers));
  }
  return resources;
}

/** The position of a message in the bytes. */
interface Range {
  readonly from: number;
  readonly to: number;
}

class SentResource implements ResourceMessage {
  private readonly buffer: Buffer;
  private readonly type: string = "";
  private readonly urn: string = "";
  private readonly parent: string = "";
  private readonly name: Range | undefined;
  private readonly properties: Range | undefined;
  private readonly provider: Range | undefined;
  private readonly options: Range | undefined;
  private readonly range: Range;

  constructor(
    cursor: Cursor,
    to: number,
    private readonly providers: Providers,
  ) {
    this.buffer = cursor.buffer;
    this.range = { from: cursor.at, to };
    while (cursor.at < to) {
      const { field, wireType } = fieldAt(cursor);
      if (field > 9) {
        skip(cursor, wireType, to);
        continue;
      }
      const end = endOf(cursor, wireType, to);
      if (field === 1) this.type = stringIn(cursor, end);
      else if (field === 2) this.properties = { from: cursor.at, to: end };
      else if (field === 3) this.urn = stringIn(cursor, end);
      else if (field === 4) this.name = { from: cursor.at, to: end };
      else if (field === 5) this.options = { from: cursor.at, to: end };
      else if (field === 6) this.provider = { from: cursor.at, to: end };
      else if (field === 7) this.parent = stringIn(cursor, end);
      cursor.at = end;
    }
  }

  getType(): string {
    return this.type;
  }

  getUrn(): string {
    return this.urn;
  }

  getParent(): string {
    return this.parent;
  }

  getName(): string {
    return this.name === undefined ? "" : stringAt(this.buffer, this.name);
  }

  getProperties(): Properties | undefined {
    return this.properties && new SentProperties(this.buffer, this.properties);
  }

  getProvider(): ProviderMessage | undefined {
    return this.provider && this.providers.at(this.provider);
  }

  getOptions(): { getIgnorechangesList(): readonly string[] } | undefined {
    const { buffer, options } = this;
    return options && { getIgnorechangesList: () => strings(buffer, options, 2) };
  }

  getDependenciesList(): readonly string[] {
    return strings(this.buffer, this.range, 8);
  }

  /** As in a map of protobuf, the last of several equal names is used, and names are sorted. */
  getPropertydependenciesMap(): ReturnType<ResourceMessage["getPropertydependenciesMap"]> {
    const { buffer, range } = this;
    const entries = ranges(buffer, range, 9).map((entry) => {
      const urns = ranges(buffer, entry, 2).at(-1);
      return [
        strings(buffer, entry, 1).at(-1) ?? "",
        urns === undefined ? [] : strings(buffer, urns, 1),
      ] as const;
    });
    const last = new Map(entries);
    const names = [...last.keys()].sort();
    return {
      forEach: (each) => {
        for (const name of names) each({ getUrnsList: () => last.get(name) ?? [] }, name);
      },
    };
  }
}

/** Properties that are read on demand. */
export class SentProperties implements Properties {
  constructor(
    private readonly buffer: Buffer,
    private readonly range: Range,
  ) {}

  wanted(isWanted: (name: string) => boolean): Readonly<Record<string, unknown>> {
    return structIn({ buffer: this.buffer, at: this.range.from }, this.range.to, isWanted);
  }

  toJavaScript(): object {
    return this.wanted(everything);
  }
}

/** The engine sends the provider with each of its resources: equal bytes are one provider. */
class Providers {
  private readonly known: { readonly range: Range; readonly provider: ProviderMessage }[] = [];

  constructor(private readonly buffer: Buffer) {}

  at({ from, to }: Range): ProviderMessage {
    const { buffer, known } = this;
    for (const { range, provider } of known)
      if (range.to - range.from === to - from && buffer.compare(buffer, range.from, range.to, from, to) === 0)
        return provider;
    const provider = providerIn(buffer, { from, to });
    // Few stacks have more providers, and those would compare each resource with all of them.
    if (known.length < 8) known.push({ range: { from, to }, provider });
    return provider;
  }
}

function providerIn(buffer: Buffer, range: Range): ProviderMessage {
  const text = (field: number): string => strings(buffer, range, field).at(-1) ?? "";
  const [type, urn, name] = [text(1), text(3), text(4)];
  const properties = ranges(buffer, range, 2).at(-1);
  return {
    getType: () => type,
    getUrn: () => urn,
    getName: () => name,
    getProperties: () => properties && new SentProperties(buffer, properties),
  };
}

/** The positions of the values of a repeated field. */
function ranges(buffer: Buffer, { from, to }: Range, wanted: number): readonly Range[] {
  const cursor = { buffer, at: from };
  const foundRanges: Range[] = [];
  while (cursor.at < to) {
    const { field, wireType } = fieldAt(cursor);
    if (field !== wanted) {
      skip(cursor, wireType, to);
      continue;
    }
    const end = endOf(cursor, wireType, to);
    foundRanges.push({ from: cursor.at, to: end });
    cursor.at = end;
  }
  return foundRanges;
}

function strings(buffer: Buffer, range: Range, field: number): readonly string[] {
  return ranges(buffer, range, field).map((value) => stringAt(buffer, value));
}

function stringAt(buffer: Buffer, { from, to }: Range): string {
  return stringIn({ buffer, at: from }, to);
}
