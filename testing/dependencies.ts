/** A message of Pulumi's protocol that lists what a property depends on. There is one for each request and answer. */
interface DependenciesMessage {
  setUrnsList(urns: string[]): unknown;
}

/** Writes what properties depend on, by URN, into a message that has a map for it. */
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
