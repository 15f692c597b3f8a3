import { ConfigError, readConfig } from '../config/index.ts'
import { machineTime } from '../core/machine-clock.ts'
import { systemRandom } from '../core/random.ts'
import { examine } from '../operations/doctor/index.ts'
import type { CliContext, Command } from './command.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'names what stands in the way of a start, each trouble with its remedy',
  usage: '',
  flags: {},
  async run(context) {
    const read = readOrExplain(context)
    if (read === null) return 1
    for (const warning of read.warnings) context.complain(`!  configuration: ${warning}`)
    const findings = await examine({ clock: machineTime, random: systemRandom() }, read)
    for (const { subject, troubles, detail } of findings) {
      if (troubles.length === 0) context.print(`ok ${subject}: ${detail}`)
      for (const { what, remedy } of troubles) context.print(`!! ${subject}: ${what}. Remedy: ${remedy}.`)
    }
    return findings.some(({ troubles }) => troubles.length > 0) ? 1 : 0
  },
}

/** Faults of the configuration are troubles like any other here: weak secrets, contradictions, values out of range. */
function readOrExplain(context: CliContext) {
  try {
    const read = readConfig(context.env)
    context.print(`ok configuration: ${read.config.instagram.mode} mode`)
    return read
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const fault of error.faults) context.print(`!! configuration: ${fault}`)
    return null
  }
}
