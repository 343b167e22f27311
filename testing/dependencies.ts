/** A message of Pulumi's protocol with the dependencies of a property. Each request and response has its own type. */
interface DependenciesMessage {
  setUrnsList(urns: string[]): unknown;
}

/** Writes the dependencies of properties, by URN, into a message that has a map for them. */
export function setDependencies<M extends DependenciesMessage>(
  map: { set(property: string, message: M): unknown },
  Message: new () => M,
  dependencies: Readonly<Record<string, readonly string[]>>,
): void {
  for (const [property, urns] of Object.entries(dependencies)) {
    const message = new Message();
    message.setUrnsList([...urns]);
    map.set(property, message);
  }
}
