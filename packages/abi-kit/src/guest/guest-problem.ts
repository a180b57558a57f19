/** What a guest does that a page does not allow, or does not do that it asks for. */
export class GuestProblem extends Error {
  /** Section of the page that says so. */
  readonly section: string;
  /** The message without the page's name. */
  readonly what: string;

  constructor(section: string, what: string, page = "docs/abi.md") {
    super(`${what} (${page} §${section})`);
    this.section = section;
    this.what = what;
  }
}
