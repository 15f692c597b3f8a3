export { type EngageInput, type EngageRequest, engage } from './engage.ts'
export { ENGAGEMENT_KINDS, type EngagementKind, KIND_RULES } from './engagement.ts'
export { createEngagementKinds } from './engagement-kinds.ts'
export { engagementRoutes } from './routes.ts'
