/**
 * Whether a text is the unique ID of an IAM entity, such as `AROA…` of a role. AWS assigns a new one to each entity, also
 * to one with the name of a deleted one, and shows it in a policy in place of the ARN of a deleted principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function isUniqueId(text: string): boolean {
  return /^A[A-Z]{3}[A-Z0-9]{12,}$/.test(text);
}
