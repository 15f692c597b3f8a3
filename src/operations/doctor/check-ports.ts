import type { Config } from '../../config/index.ts'
import { probePort } from '../../transport/index.ts'
import type { Finding, Trouble } from './trouble.ts'

/** Could the servers listen? Not asked while a gateway runs on the directory: then it is the one that does. */
export async function checkPorts(config: Config): Promise<Finding> {
  const { instagram, http } = config
  const wanted = [{ option: 'PORT', host: http.host, port: http.port }]
  if (instagram.mode === 'sandbox' && instagram.sandbox.type === 'embedded') {
    wanted.push({ option: 'SANDBOX_PORT', host: '127.0.0.1', port: instagram.sandbox.port })
  }
  const troubles: Trouble[] = []
  for (const { option, host, port } of wanted) {
    const code = await probePort(host, port)
    if (code !== null) troubles.push(describe(option, host, port, code))
  }
  return { subject: 'ports', troubles, detail: wanted.map(({ host, port }) => `${host}:${port}`).join(', ') }
}

function describe(option: string, host: string, port: number, code: string): Trouble {
  const what = `${host}:${port} cannot be listened on (${code})`
  if (code === 'EADDRINUSE') {
    return {
      what: `${host}:${port} is taken by another process`,
      remedy: `stop that process, or set ${option} to a free port`,
    }
  }
  if (code === 'EACCES') return { what, remedy: `set ${option} to a port above 1023` }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return { what, remedy: 'set HOST to an address of this machine' }
  return { what, remedy: `set ${option} to another port` }
}
