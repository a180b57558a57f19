/** WASI's error numbers, of preview1, as far as they are used here. */
export const ERRNO = {
  SUCCESS: 0,
  BADF: 8,
  EXIST: 20,
  FAULT: 21,
  FBIG: 22,
  ILSEQ: 25,
  INVAL: 28,
  ISDIR: 31,
  MFILE: 33,
  NAMETOOLONG: 37,
  NOENT: 44,
  NOSPC: 51,
  NOSYS: 52,
  NOTDIR: 54,
  NOTEMPTY: 55,
  NOTSUP: 58,
  SPIPE: 70,
  NOTCAPABLE: 76,
} as const;

/** Ends one call of a guest's with an error number, which the guest is told. */
export class Refusal extends Error {
  readonly errno: number;

  constructor(errno: keyof typeof ERRNO) {
    super(errno);
    this.errno = ERRNO[errno];
  }
}
