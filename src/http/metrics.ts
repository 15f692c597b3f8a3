// biome-ignore lint/style/noRestrictedImports: measures the event loop, not the time.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, Histogram, Registry } from 'prom-client'

/** The buckets that OpenTelemetry advises for durations of requests. */
const DURATION_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

/** Counts one finished request. `durationMs` from arrival until the answer was handed to the socket. */
export type RecordRequest = (status: number, durationMs: number) => void

/** The metrics of this process and its HTTP layer; features register theirs in the same registry. */
export interface Metrics {
  registry: Registry
  /** One recorder a route, made once. `route` is a template, never a path that a client chose. */
  requestRecorder(route: string, method: string): RecordRequest
  /** Requests whose handler runs now; counted by the endpoints. */
  inFlight: { count: number }
  /** Counts one exchange with Instagram. `outcome` is one of few: `2xx` … `5xx`, or the kind of trouble. */
  recordExchange(outcome: string, durationMs: number): void
}

export function createMetrics(build: { version: string }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const duration = new Histogram({
    name: 'gateway_http_request_duration_seconds',
    help: 'Duration of HTTP requests, from arrival until the answer was handed to the socket.',
    labelNames: ['route', 'method', 'status_class'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  })
  const inFlight = { count: 0 }
  new Gauge({
    name: 'gateway_http_requests_in_flight',
    help: 'HTTP requests that are being answered.',
    registers,
    collect() {
      this.set(inFlight.count)
    },
  })
  const exchanges = new Histogram({
    name: 'gateway_instagram_request_duration_seconds',
    help: 'Duration of requests to Instagram, by how they ended.',
    labelNames: ['outcome'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  })
  describeProcess(registers, build)
  return {
    registry,
    inFlight,
    recordExchange: (outcome, durationMs) => exchanges.observe({ outcome }, durationMs / 1000),
    requestRecorder(route, method) {
      const classes = STATUS_CLASSES.map((status_class) => duration.labels({ route, method, status_class }))
      return (status, durationMs) => classes[Math.floor(status / 100) - 1]?.observe(durationMs / 1000)
    },
  }
}

function describeProcess(registers: Registry[], build: { version: string }): void {
  new Gauge({
    name: 'gateway_build_info',
    help: 'The running version; the value is always 1.',
    labelNames: ['version', 'node'] as const,
    registers,
  }).set({ version: build.version, node: process.versions.node }, 1)
  new Gauge({
    name: 'gateway_process_resident_memory_bytes',
    help: 'Resident memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  new Gauge({
    name: 'gateway_event_loop_lag_seconds',
    help: 'The 99th percentile of how late the event loop was, since the last scrape.',
    registers,
    collect() {
      // The monitor counts its own resolution as delay.
      this.set(Math.max(0, delay.percentile(99) / 1e9 - 0.02))
      delay.reset()
    },
  })
}
