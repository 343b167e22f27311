/** Shortens runs of Maven, which end before an optimizing compiler or parallel garbage collection pays off. */
export function shortenMavenRuns(): void {
  process.env.MAVEN_OPTS ??= "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
}
