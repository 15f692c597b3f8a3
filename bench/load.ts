import autocannon from 'autocannon'

// A process of its own, so that the load costs the measured server nothing but its share of the machine.
// Reads the job as JSON from its one argument, prints the result as one line of JSON.

export interface LoadJob {
  url: string
  connections: number
  seconds: number
  requests: { method: string; path: string; headers: Record<string, string>; body?: string }[]
}

export interface LoadResult {
  /** Successful answers a second. */
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Answers other than 2xx, failed connections, timeouts. */
  failed: number
}

const job = JSON.parse(process.argv[2] as string) as LoadJob
const result = await autocannon({
  url: job.url,
  connections: job.connections,
  duration: job.seconds,
  requests: job.requests,
})
const measured: LoadResult = {
  perSecond: Math.round(result['2xx'] / result.duration),
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  failed: result.non2xx + result.errors + result.timeouts,
}
console.log(JSON.stringify(measured))
