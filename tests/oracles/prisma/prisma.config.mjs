// Runs the Prisma CLI with the schema engine it carries as WebAssembly, over the `pg` driver.
// ORACLE_MIGRATIONS is the folder of migrations to work on; DATABASE_URL the database.
import { PrismaPg } from '@prisma/adapter-pg'

// The engine never cancels its ten-second lock timer, which would keep the process, and so the lock,
// for ten seconds after the work is done. A timer that nobody waits for must not hold the process.
const LONG_TIMER_MS = 9000
const setTimer = globalThis.setTimeout
globalThis.setTimeout = (callback, delay, ...rest) => {
  const timer = setTimer(callback, delay, ...rest)
  if (delay >= LONG_TIMER_MS) timer.unref()
  return timer
}

export default {
  experimental: { adapter: true },
  engine: 'js',
  schema: './schema.prisma',
  migrations: { path: process.env.ORACLE_MIGRATIONS },
  adapter: async () =>
    new PrismaPg({
      connectionString: process.env.DATABASE_URL,
      idleTimeoutMillis: 300,
      allowExitOnIdle: true,
    }),
}
