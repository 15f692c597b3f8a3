import { execFileSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'

// `dist/` is what the published package runs: Node strips no types under node_modules. Emptied first, so that a file
// that is gone from the sources is gone from the package.
rmSync('dist', { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
// The server answers `/openapi.json` from the file beside `src`.
copyFileSync('openapi.json', 'dist/openapi.json')
