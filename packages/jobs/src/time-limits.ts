/** The longest delay of a job, be it a wait or a deadline: a hundred years. Times that come of it stay exact integers. */
export const MAX_DELAY_MS = 36_525 * 86_400_000;

/** The farthest time from 1970 that a `Date` can hold, on either side. */
export const MAX_UNIX_MS = 8.64e15;
