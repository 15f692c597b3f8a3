/**
 * What an answer lacks of one that a document prints: every key of the document must be there with the same value, or, at
 * the paths that may differ (`data.total`; `[]` stands for the items of a list), with a value of the same kind. An
 * instant, or an id with a prefix, is never the document's own, but must look like it. More keys are fine.
 */
export function differencesFromPrinted(
  actual: unknown,
  printed: unknown,
  differing: readonly string[] = [],
): readonly string[] {
  return compare(actual, printed, { path: '', mayDiffer: (path) => differing.includes(path) })
}

interface Place {
  path: string
  mayDiffer: (path: string) => boolean
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const PREFIXED_ID = /^(instagram|msg)_\d+_/

function compare(actual: unknown, printed: unknown, place: Place): string[] {
  const { path, mayDiffer } = place
  const fault = (wanted: string) => [`${path || 'the answer'}: ${JSON.stringify(actual)} in place of ${wanted}`]
  if (kindOf(actual) !== kindOf(printed)) return fault(JSON.stringify(printed))
  if (Array.isArray(printed)) return compareLists(actual as unknown[], printed, place)
  if (isObject(printed)) return compareObjects(actual as Record<string, unknown>, printed, place)
  if (typeof printed === 'string') {
    const looks = [INSTANT, PREFIXED_ID].find((pattern) => pattern.test(printed))
    if (looks !== undefined) return looks.test(actual as string) ? [] : fault(`something like ${printed}`)
  }
  return actual === printed || mayDiffer(path) ? [] : fault(JSON.stringify(printed))
}

/** The documents print the first items of a list; ours may have more, all of that form. */
function compareLists(actual: unknown[], printed: unknown[], { path, mayDiffer }: Place): string[] {
  if (actual.length < printed.length) return [`${path}: ${actual.length} items, the document has ${printed.length}`]
  const [form] = printed
  if (form === undefined) return []
  return actual.flatMap((item, index) => {
    const isPrinted = index < printed.length
    const place = { path: `${path}[]`, mayDiffer: isPrinted ? mayDiffer : () => true }
    return compare(item, isPrinted ? printed[index] : form, place)
  })
}

function compareObjects(
  actual: Record<string, unknown>,
  printed: Record<string, unknown>,
  { path, mayDiffer }: Place,
): string[] {
  return Object.entries(printed).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (!(name in actual)) return [`${at} is missing`]
    return compare(actual[name], value, { path: at, mayDiffer })
  })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return kindOf(value) === 'object'
}
