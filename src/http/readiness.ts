/**
 * Where the process stands: starting (not open yet), ready, or draining (finishing what runs, taking nothing new). It only
 * moves forward.
 */
export class Readiness {
  #state: 'starting' | 'ready' | 'draining' = 'starting'
  readonly #drain = new AbortController()

  get state(): 'starting' | 'ready' | 'draining' {
    return this.#state
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  get isDraining(): boolean {
    return this.#state === 'draining'
  }

  /** Aborted when draining begins: whoever waits for a result answers with what it has. */
  get drainSignal(): AbortSignal {
    return this.#drain.signal
  }

  open(): void {
    if (this.#state === 'starting') this.#state = 'ready'
  }

  drain(): void {
    if (this.#state === 'draining') return
    this.#state = 'draining'
    this.#drain.abort()
  }
}
