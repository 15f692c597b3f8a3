import { randomBytes } from 'node:crypto'

/** The one source of randomness, handed in so that a simulation repeats exactly from its seed. */
export interface Random {
  bytes(count: number): Uint8Array
}

const POOL_BYTES = 4096

/** Cryptographic randomness from the operating system, drawn in pools because one system call an id is measurable. */
export function systemRandom(): Random {
  let pool = randomBytes(POOL_BYTES)
  let used = 0
  return {
    bytes(count) {
      if (count > POOL_BYTES) return randomBytes(count)
      if (used + count > POOL_BYTES) {
        pool = randomBytes(POOL_BYTES)
        used = 0
      }
      used += count
      return pool.subarray(used - count, used)
    },
  }
}

/** Repeatable randomness for simulations and the sandbox (splitmix64); never for secrets. */
export function seededRandom(seed: number): Random {
  let state = BigInt.asUintN(64, BigInt(Math.trunc(seed)))
  const next = () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let z = state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    return z ^ (z >> 31n)
  }
  return {
    bytes(count) {
      const out = Buffer.alloc(Math.ceil(count / 8) * 8)
      for (let offset = 0; offset < out.length; offset += 8) out.writeBigUInt64LE(next(), offset)
      return out.subarray(0, count)
    },
  }
}
