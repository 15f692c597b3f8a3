import { seededRandom } from '../../src/core/random.ts'

/** Everything that is left to chance in a simulation, from one seed. */
export interface Dice {
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
}

const RANGE = 2 ** 32

export function createDice(seed: number): Dice {
  const random = seededRandom(seed)
  const unit = () => {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
    return (a * 0x1000000 + b * 0x10000 + c * 0x100 + d) / RANGE
  }
  const dice: Dice = {
    below: (count) => Math.floor(unit() * count),
    between: (least, most) => least + Math.floor(unit() * (most - least + 1)),
    chance: (probability) => unit() < probability,
    pick(list) {
      const index = dice.below(list.length)
      if (index >= list.length) throw new Error('nothing to pick from')
      return list[index] as (typeof list)[number]
    },
  }
  return dice
}
