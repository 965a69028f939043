// Calls a model with Vercel's AI SDK, whose telemetry goes to piecework: twice for a work, once for nobody.

import { createOpenAI } from '@ai-sdk/openai'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { generateText } from 'ai'

const [address, key] = process.argv.slice(2)
const exporter = new OTLPTraceExporter({
  url: `${address}/v1/traces`,
  headers: { authorization: `Bearer ${key}` },
})
const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
provider.register()

const openai = createOpenAI({ baseURL: `${process.env.MODEL_SERVER}/v1`, apiKey: 'none' })
const ask = (metadata) =>
  generateText({
    model: openai.chat('gpt-4o-mini'),
    prompt: 'It does not start.',
    experimental_telemetry: { isEnabled: true, functionId: 'support', metadata },
  })

await ask({ customer_id: 'acme', work_id: 'T-1' })
await ask({ customer_id: 'acme', work_id: 'T-1' })
await ask({})
await provider.shutdown()
