// How long anything that is waited for may take, in whatever test, before it counts as hung: a machine may be slow, and any
// process may stand still for a while. It costs nothing as long as all is well.
export const PATIENCE_MS = 900_000

// The same for a server of the tests, where its own bounds are not what is tested.
export const PATIENT = {
  poolWaitMs: 60_000, statementTimeoutMs: PATIENCE_MS / 2, lockTimeoutMs: PATIENCE_MS / 2, idleTimeoutS: 600, drainS: 60,
  tokenMaxLifetimeS: 7200
}

// Waits until `condition()` is true or something truthy comes of it; gives that.
export async function until(condition) {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const found = await condition()
    if (found) return found
    if (Date.now() > end) throw new Error(`did not come true within ${PATIENCE_MS} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
