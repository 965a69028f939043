// Our own `sdk/typescript/piecework.ts`, used as a product engineer would: `crates/piecework/tests/sdk.rs` compiles
// and runs it. Usage: node sdk_typescript.js ADDRESS KEY SCENARIO

import assert from 'node:assert/strict'
import { NotAcknowledged, Piecework, PieceworkError, Refused } from './piecework.js'
import type { Options, Unit } from './piecework.js'

const [url = '', key = '', scenario = ''] = process.argv.slice(2)
const UNIT = 'support.resolved_conversation'
const day = (number: number): string => `2026-01-${String(number).padStart(2, '0')}T09:00:00Z`

function client(options: Partial<Options> = {}): Piecework {
  return new Piecework({ url, key, source: 'agent', ...options })
}

async function thrown<E>(kind: new (...parts: never[]) => E, call: () => Promise<unknown>): Promise<E> {
  try {
    await call()
  } catch (error) {
    if (error instanceof kind) return error
    throw error
  }
  throw new Error(`no ${kind.name}`)
}

async function verbs(): Promise<void> {
  const pw = client()
  // Counted; the second time it is the same event.
  for (let time = 0; time < 2; time += 1) {
    await pw.done('acme', 'T-1', { id: 'run-1', at: day(5), confidence: '0.93', conversation: 'T-1', channel: 'web' })
  }
  const tokens = { input: 1200, output: 300 }
  await pw.cost('acme', 'T-1', { at: day(5), provider: 'openai', model: 'gpt-4o', tokens })
  await pw.cost('acme', 'T-1', { at: new Date(day(5)), amount: '0.11 USD', line: 'infra' })
  await pw.cost(undefined, undefined, { amount: '7.00 USD', line: 'infra', at: day(5) })
  // Taken back: a work, and an event.
  await pw.done('acme', 'T-2', { at: day(6) })
  await pw.undo('acme', { work: 'T-2', at: day(7) })
  await pw.done('acme', 'T-3', { id: 'run-3' })
  await pw.undo('acme', { event: 'run-3', reason: 'sent twice', at: day(7) })
  // A unit that ends well, one that fails, one that a person took over.
  let kept: Unit | undefined
  const answer = await pw.unit(UNIT, { customer: 'acme', id: 'T-4', run: 'job-4' }, async (unit) => {
    kept = unit
    await unit.cost({ amount: '0.02 USD', at: day(8) })
    await unit.cost({ amount: '0.03 USD', at: day(8) })
    unit.done({ confidence: '0.9', at: day(8) })
    return 'the answer'
  })
  assert.equal(answer, 'the answer')
  assert.throws(() => kept?.done({}))
  const failing = pw.unit(UNIT, { customer: 'acme', id: 'T-5' }, async (unit) => {
    await unit.cost({ amount: '0.04 USD', at: day(9) })
    unit.done({ at: day(9) })
    throw new RangeError('the tool broke')
  })
  await thrown(RangeError, () => failing)
  await pw.unit(UNIT, { customer: 'acme', id: 'T-6' }, async (unit) => {
    await unit.cost({ amount: '0.05 USD', at: day(9) })
    unit.notDone()
  })
  // Nothing is swallowed.
  const refused = await thrown(Refused, () => pw.done('acme', 'T-7', { confidence: '2' }))
  assert.equal(refused.problem.errors?.[0]?.pointer, '/0/data/confidence')
  assert.deepEqual(refused.unsent.map((event) => event['workid']), ['T-7'])
  const conflict = await thrown(Refused, () => pw.done('acme', 'T-1', { id: 'run-1', at: day(9) }))
  assert.equal(conflict.problem.code, 'conflict')
  const stranger = client({ key: `${key.slice(0, -1)}x` })
  const unknown = await thrown(Refused, () => stranger.done('acme', 'T-7'))
  assert.equal(unknown.problem.code, 'unauthorized')
  const inexact: unknown = 0.11
  await thrown(TypeError, () => pw.cost('acme', 'T-1', { amount: inexact as string }))
  const nowhere = client({ url: 'http://127.0.0.1:9', patienceMs: 300 })
  const lost = await thrown(NotAcknowledged, () => nowhere.done('acme', 'T-8', { at: day(10) }))
  await pw.send(lost.unsent)
}

async function feed(): Promise<void> {
  const pw = client()
  for (let number = 0; number < 60; number += 1) {
    await pw.done('acme', `F-${number}`)
    console.log(number)
  }
}

async function once(): Promise<void> {
  const pw = client({ timeoutMs: 1_000, patienceMs: 4_000 })
  let said = {}
  try {
    await pw.done('acme', 'T-1')
    said = { error: null, problem: null, unsent: 0 }
  } catch (error) {
    if (!(error instanceof PieceworkError)) throw error
    said = { error: error.name, problem: error.problem, unsent: error.unsent.length }
  }
  console.log(JSON.stringify(said))
}

async function otel(): Promise<void> {
  const load = async (name: string): Promise<any> => import(name)
  const { context, propagation, trace } = await load('@opentelemetry/api')
  const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = await load('@opentelemetry/sdk-trace-node')
  const spans = new InMemorySpanExporter()
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register()
  const baggage = (): Record<string, string> => {
    const entries: [string, { value: string }][] = propagation.getBaggage(context.active())?.getAllEntries() ?? []
    return Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
  }
  const names = { 'piecework.unit.id': 'T-9', 'piecework.unit.type': UNIT, 'piecework.customer.id': 'acme' }
  const traceId = await trace.getTracer('test').startActiveSpan('ticket', async (span: any) => {
    await client().unit(UNIT, { customer: 'acme', id: 'T-9' }, async (unit) => {
      assert.deepEqual(baggage(), names)
      unit.done({ at: day(5) })
    })
    assert.deepEqual(baggage(), {})
    await client({ baggage: false }).unit(UNIT, { customer: 'acme', id: 'T-9' }, async (unit) => {
      assert.deepEqual(baggage(), {})
      unit.notDone()
    })
    span.end()
    return span.spanContext().traceId
  })
  assert.deepEqual({ ...spans.getFinishedSpans()[0].attributes }, names)
  console.log(JSON.stringify({ trace: traceId }))
}

const scenarios: Record<string, () => Promise<void>> = { verbs, feed, once, otel }
await scenarios[scenario]?.()
