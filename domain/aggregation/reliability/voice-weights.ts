/**
 * What each of a task's answers counts, 0 to 1: 1 / (1 + the sum of what it shares with the others), so that n copies count
 * as one answer and independent ones in full (Kish's design effect). `shared` of two answers is how far their annotators
 * are one voice, times how alike the answers are.
 */
export function voiceWeights(answers: number, shared: (i: number, j: number) => number): number[] {
  return Array.from({ length: answers }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < answers; j++) if (i !== j) sum += shared(i, j);
    return 1 / (1 + sum);
  });
}
