// Receives webhooks and verifies them with the library of the specification, before and after a rotation.

import { createServer } from 'node:http'
import assert from 'node:assert/strict'
import { Webhook } from 'standardwebhooks'

const [address, key] = process.argv.slice(2)

const arrived = []
let wake = () => {}
const receiver = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (part) => (body += part))
  request.on('end', () => {
    arrived.push({ headers: request.headers, body })
    response.writeHead(204).end()
    wake()
  })
})
await new Promise((listening) => receiver.listen(0, '127.0.0.1', listening))

const ask = async (method, path, body) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await fetch(address + path, { method, headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
  return answer.json()
}
const next = async () => {
  while (arrived.length === 0) await new Promise((arrives) => (wake = arrives))
  return arrived.shift()
}

const url = `http://127.0.0.1:${receiver.address().port}/`
const { webhook, secret } = await ask('POST', '/v1/webhooks', { url })
const id = webhook.id
await ask('POST', `/v1/webhooks/${id}/test`)
const first = await next()
const message = new Webhook(secret).verify(first.body, first.headers)
assert.equal(message.type, 'webhook.test')
assert.deepEqual(message.data, { endpoint: id })

const rotated = await ask('POST', `/v1/webhooks/${id}/secret`, { overlap_hours: 1 })
await ask('POST', `/v1/webhooks/${id}/test`)
const second = await next()
new Webhook(secret).verify(second.body, second.headers)
new Webhook(rotated.secret).verify(second.body, second.headers)

const others = new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
assert.throws(() => others.verify(second.body, second.headers))
assert.throws(() => new Webhook(secret).verify(second.body + ' ', second.headers))
receiver.close()
receiver.closeAllConnections()
