/**
 * A line of the host's about something that a guest can cause as often as it likes: the 1st, 2nd, 4th, 8th … are logged,
 * each with its number, so that a flood of them is a few lines that count it.
 */
export class OccasionalLine {
  #count = 0;

  /** Counts one more; answers the line, or null where this one is not said. */
  say(text: string): string | null {
    const count = ++this.#count;
    if ((count & (count - 1)) !== 0) return null;
    return count === 1 ? text : `${text} (${count} times until now)`;
  }
}
