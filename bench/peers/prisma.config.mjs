// Prisma's own engine as WebAssembly, over the `pg` driver. See ../installation.py.
import { PrismaPg } from '@prisma/adapter-pg'

// The third adjustment: the lock's time-out must not keep the process, and the lock, for its 10 s.
const setTimer = globalThis.setTimeout
globalThis.setTimeout = (callback, milliseconds, ...rest) => {
  const timer = setTimer(callback, milliseconds, ...rest)
  if (milliseconds >= 9000) timer.unref?.()
  return timer
}

export default {
  experimental: { adapter: true },
  engine: 'js',
  schema: './prisma/schema.prisma',
  adapter: async () =>
    new PrismaPg({ connectionString: process.env.DATABASE_URL, idleTimeoutMillis: 300, allowExitOnIdle: true }),
}
