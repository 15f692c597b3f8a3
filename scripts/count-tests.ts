import { readFileSync } from 'node:fs'

// Prints "<passed> <failed>" of a Vitest JSON report. What did not run counts as failed: a skipped test, a file that
// could not be loaded, a run that found nothing.

interface Report {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('which report?')
const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report

let passed = 0
let failed = 0
for (const file of testResults) {
  const notPassed = file.assertionResults.filter(({ status }) => status !== 'passed')
  passed += file.assertionResults.length - notPassed.length
  failed += notPassed.length
  for (const { status, fullName } of notPassed) if (status !== 'failed') console.error(`${status}: ${fullName}`)
  if (file.status !== 'passed' && notPassed.length === 0) {
    failed += 1
    console.error(`did not run: ${file.name}: ${file.message}`)
  }
}
console.log(passed + failed === 0 ? '0 1' : `${passed} ${failed}`)
