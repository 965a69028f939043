// Sends one event, then a batch, then the batch again, with OpenMeter's client for JavaScript.

import { OpenMeter } from '@openmeter/sdk'

const [address, key] = process.argv.slice(2)
const openmeter = new OpenMeter({ baseUrl: address, apiKey: key })

const event = (number) => ({
  id: `js-${number}`,
  source: 'openmeter-js',
  type: 'piecework.usage.recorded.v1',
  subject: 'acme',
  time: new Date(Date.UTC(2026, 0, 6, 10, number)),
  data: { meter: 'calls', quantity: number + 1 },
})

await openmeter.events.ingest(event(0))
const batch = [1, 2, 3].map(event)
await openmeter.events.ingest(batch)
await openmeter.events.ingest(batch)
