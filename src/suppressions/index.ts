export { suppressionRoutes } from './routes.ts'
export { findSuppressedNames, findSuppression, wasSuppressed } from './store.ts'
export { liftSuppressions, suppressContact } from './suppress-contact.ts'
