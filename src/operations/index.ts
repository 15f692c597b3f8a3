export { type Audit, type AuditEntry, createAudit } from './audit.ts'
export { type OperationsDeps, operationsRoutes } from './routes.ts'
