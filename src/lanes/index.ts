export { type Claim, holdsFor, isHeldBy, LEASE_MS, UPLOAD_LEASE_MS } from './lane.ts'
export { createLaneSignal, type LaneSignal } from './signal.ts'
export {
  giveUpLane,
  nextDue,
  openLane,
  prolongLease,
  setCheck,
  sleepLane,
  takePlace,
  takePlaces,
  wakeLane,
} from './store.ts'
export { createLaneWorker, LaneWorker, type TurnEnd } from './worker.ts'
