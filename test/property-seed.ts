import { configureGlobal } from 'fast-check'

// CI tries the same values each time, so that a change fails for what it did; elsewhere they are new each time.
if (process.env['CI'] === 'true') configureGlobal({ seed: 20_261_121 })
