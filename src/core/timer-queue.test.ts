import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerQueue } from './timer-queue.ts'

describe('TimerQueue', () => {
  it('runs what is due in the order of instants, then of making, and nothing canceled', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ instant: fc.nat(50), isCanceled: fc.boolean() })), fc.nat(50), (plans, now) => {
        const queue = new TimerQueue()
        const ran: number[] = []
        plans.forEach(({ instant, isCanceled }, index) => {
          const timer = queue.add(instant, () => ran.push(index))
          if (isCanceled) timer.cancel()
        })
        queue.runDue(now)
        const live = plans.flatMap(({ instant, isCanceled }, index) => (isCanceled ? [] : [{ instant, index }]))
        const inOrder = live.toSorted((a, b) => a.instant - b.instant || a.index - b.index)
        expect(ran).toEqual(inOrder.filter(({ instant }) => instant <= now).map(({ index }) => index))
        expect(queue.next()).toBe(inOrder.find(({ instant }) => instant > now)?.instant ?? null)
      }),
    )
  })

  it('never calls synchronously what a callback adds, even for the past', () => {
    const queue = new TimerQueue()
    const ran: string[] = []
    queue.add(1, () => {
      ran.push('first')
      queue.add(0, () => ran.push('second'))
    })
    queue.runDue(1)
    expect(ran).toEqual(['first'])
    queue.runDue(1)
    expect(ran).toEqual(['first', 'second'])
  })

  it('lets a callback cancel another of the same instant', () => {
    const queue = new TimerQueue()
    const ran: string[] = []
    queue.add(1, () => second.cancel())
    const second = queue.add(1, () => ran.push('second'))
    queue.runDue(1)
    expect(ran).toEqual([])
  })
})
