/** One step of a component's schema. Its place in the list, from 1, is its version; a released one never changes. */
export interface Migration {
  /** What it does, for messages: `create jobs`. */
  readonly name: string;
  /** One or more SQL statements. */
  readonly sql: string;
}
