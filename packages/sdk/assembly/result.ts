import { Failure } from "./failure";

/**
 * A value, or the reason why there is none.
 *
 * `orReturn(result)` gives the value, or ends the enclosing function with the failure.
 */
@final
export class Result<T> {
  // A field of type void does not exist, so the value lies in one of two fields that fit every type.
  private bits: u64 = 0;
  private object: Object | null = null;

  /** @param failure null for success. */
  constructor(readonly failure: Failure | null) {}

  static ok<T>(value: T): Result<T> {
    const result = new Result<T>(null);
    if (isReference<T>()) {
      result.object = changetype<Object | null>(value);
    } else if (isFloat<T>()) {
      result.bits = sizeof<T>() == 4 ? <u64>reinterpret<u32>(<f32>value) : reinterpret<u64>(<f64>value);
    } else {
      result.bits = <u64>value;
    }
    return result;
  }

  static fail<T>(code: string, message: string, retryable: bool = false): Result<T> {
    return new Result<T>(new Failure(code, message, retryable));
  }

  get ok(): bool {
    return this.failure === null;
  }

  get failed(): bool {
    return this.failure !== null;
  }

  /** The value. Of a failed result this is a bug: it traps with the failure's text. */
  get value(): T {
    const failure = this.failure;
    if (failure !== null) throw new Error(failure.toString());
    if (isVoid<T>()) return;
    else if (isReference<T>()) return changetype<T>(this.object);
    else if (isFloat<T>()) {
      if (sizeof<T>() == 4) return <T>reinterpret<f32>(<u32>this.bits);
      else return <T>reinterpret<f64>(this.bits);
    } else return <T>this.bits;
  }

  /** The value, or `fallback` if there is none. */
  or(fallback: T): T {
    return this.failure === null ? this.value : fallback;
  }

  /** The failure. Of a successful result this is a bug, and traps. */
  get error(): Failure {
    const failure = this.failure;
    if (failure === null) throw new Error("asked a successful result for its error");
    return failure;
  }

  /** The same failure as the result of a function that gives another type. */
  failureOf<U>(): Result<U> {
    return new Result<U>(this.error);
  }
}

/** Success with a value; for a job, its result. `done()` without a value is success without one. */
export function done<T>(value: T): Result<T> {
  return Result.ok<T>(value);
}

/** Success without a value: always the same object, since loops ask for it at every turn. */
const SUCCESS = new Result<void>(null);

/** What the transform makes of `done()`: AssemblyScript has no overloads. */
export function doneWithout(): Result<void> {
  return SUCCESS;
}

/** Failure with a code of docs/errors.md. The transform fills in `T` from the enclosing function. */
export function fail<T>(code: string, message: string, retryable: bool = false): Result<T> {
  return Result.fail<T>(code, message, retryable);
}

/** Lowered by the transform; a call that is left over was written where it cannot return. */
export function orReturn<T>(result: Result<T>): T {
  ERROR("orReturn(...) works in an extension's own functions that return a Result, compiled with @spacedrive/sdk/transform");
  return result.value;
}
