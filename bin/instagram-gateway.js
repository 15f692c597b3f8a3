#!/usr/bin/env node
// Starts the gateway on the Node it is made for, whichever Node (12.20 or newer) this file is run by. In a clone the
// sources run as they are; in an installed package the built ones do, because Node strips no types under node_modules.
import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { createRequire } from 'module'
import { dirname, join } from 'path'
import { fileURLToPath, pathToFileURL } from 'url'

const NODE_MAJOR_MIN = 24
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(root, 'src', 'main.ts')
const main = existsSync(source) ? source : join(root, 'dist', 'src', 'main.js')

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  process.argv[1] = main
  void import(pathToFileURL(main).href)
} else {
  runPinnedNode()
}

function runPinnedNode() {
  const node = pinnedNode()
  if (node === null) {
    console.error(
      `instagram-gateway needs Node ${NODE_MAJOR_MIN} or newer and runs on ${process.version}. ` +
        'Its own Node is missing: install again with install scripts allowed (npm ci, without --ignore-scripts).',
    )
    process.exit(1)
  }
  const child = spawn(node, [main].concat(process.argv.slice(2)), { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`instagram-gateway: ${node} does not start: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    // Ends as the child did, so that whoever started us sees the signal.
    for (const handled of signals) process.removeAllListeners(handled)
    process.kill(process.pid, signal)
  })
}

/** The binary of the `node` package beside or above us (npm may hoist it); null when its install script did not run. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(binary) ? binary : null
  } catch (_error) {
    return null
  }
}
