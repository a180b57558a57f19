/** What a guest does that docs/abi.md does not allow, or does not do that it asks for. */
export class GuestProblem extends Error {
  /** Section of docs/abi.md that says so. */
  readonly section: string;

  constructor(section: string, message: string) {
    super(`${message} (docs/abi.md §${section})`);
    this.section = section;
  }
}
