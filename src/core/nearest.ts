/**
 * The candidate that `word` was most likely meant to be, or null when none is near: for "did you mean" sentences.
 * Near means at most two edits, and at most one for words of up to five letters.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const farthest = word.length <= 5 ? 1 : 2
  let best: string | null = null
  let bestDistance = farthest + 1
  const lower = word.toLowerCase()
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > farthest) continue
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), one row at a time. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const substituted = (previous[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1)
      let least = Math.min(substituted, (previous[column] as number) + 1, (current[column - 1] as number) + 1)
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        least = Math.min(least, (beforePrevious[column - 2] as number) + 1)
      }
      current.push(least)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.length] as number
}
