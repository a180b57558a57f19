/** Indexes of words: the number of the last request, and of the last reply. */
export const REQUEST = 0;
export const REPLY = 1;

/** Offsets of bytes. */
export const REQUEST_AT = 256;
export const REPLY_AT = 512;

export const MAILBOX_BYTES = 80;
