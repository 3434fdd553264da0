/**
 * Numbers from 0 up to, and without, 1; the same for the same seed. A linear congruential generator with the constants of
 * Numerical Recipes (3rd edition, 7.1): good enough to vary a test, and to repeat it.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Whole numbers from 0 up to, and without, what each call names. */
export function randomFrom(seed: number): (below: number) => number {
  const random = randomNumbers(seed);
  return (below) => Math.floor(random() * below);
}
