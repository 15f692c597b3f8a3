/** Options with which a gateway reads nothing by itself: for what is counted or simulated by its writes alone. */
export const DEAF = { POLL_INBOX: 'false', POLL_ACTIVITY: 'false', POLL_FOLLOWERS: 'false' }
