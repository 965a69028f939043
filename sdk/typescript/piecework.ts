/**
 * Piecework for TypeScript: say what was done, what it cost, and what is taken back. One file, no dependencies.
 *
 *     const pw = new Piecework({ url: "http://127.0.0.1:8480", key, source: "agent" });
 *     await pw.unit("support.resolved_conversation", { customer: "acme", id: "T-1" }, async (unit) => {
 *       await unit.cost({ provider: "openai", model: "gpt-4o", tokens: { input: 1200, output: 300 } });
 *       unit.done({ confidence: "0.93" });
 *     });
 *
 * A call that resolves was acknowledged: its events are durable. An error has the `problem`, and the events in
 * `unsent`, which `send` takes again: what is there is recognised. No attempt begins after `patienceMs`.
 */

export type Event = Readonly<Record<string, unknown>>;
/** What the server said (RFC 9457). */
export interface Problem {
  readonly [member: string]: unknown;
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/**
 * `id` (sent again, it is the same event) and `at`; of `done`: `opened`, `confidence`, `verified`, `closed`; of `cost`:
 * `amount`, or `provider`, `model` and `tokens`, and `line`; other members are headers, such as `channel`.
 */
export interface Details {
  readonly [member: string]: unknown;
  readonly id?: string | undefined;
  readonly at?: string | Date | undefined;
  readonly amount?: string | undefined; // "0.11 USD": a number would not be exact
}

/** One piece of work, being done. */
export interface Unit {
  done(details: Details): void; // what to say when the body ends well
  notDone(): void; // nothing is to be said (a person took over, for example)
  cost(details: Details): Promise<void>; // acknowledged at once, however the body ends
}

/** Events that were not acknowledged, and why. */
export class PieceworkError extends Error {
  readonly problem: Problem;
  readonly unsent: readonly Event[];
  constructor(message: string, problem: Problem, unsent: readonly Event[]) {
    super(message);
    this.name = new.target.name;
    [this.problem, this.unsent] = [problem, unsent];
  }
}

/** Not taken as they are, or (`conflict`) known with another content, which stands. All others were taken. */
export class Refused extends PieceworkError {}

/** No answer in time. The events may be there or not; sending them again is harmless. */
export class NotAcknowledged extends PieceworkError {}

export interface Options {
  readonly url: string;
  readonly key: string;
  readonly source: string;
  readonly timeoutMs?: number; // bounds each attempt
  readonly patienceMs?: number;
  readonly baggage?: boolean; // `false` keeps the names of work and customer out of outgoing headers
  readonly otel?: unknown; // the module `@opentelemetry/api`, where a bundler keeps it from being found
}

type Within = <T>(work: () => Promise<T>) => Promise<T>;
const api: string = "@opentelemetry/api";
const installed: Promise<any> = import(api).catch(() => undefined); // works without

export class Piecework {
  readonly #options: Options;
  readonly #address: URL;

  constructor(options: Options) {
    this.#options = options;
    this.#address = new URL("api/v1/events", options.url.replace(/\/*$/, "/"));
  }

  /** The software did the work. */
  async done(customer: string, work: string, details: Details = {}): Promise<void> {
    await this.send([this.event("done", customer, work, details)]);
  }

  /** What it cost; without a customer it is nobody's yet. */
  async cost(customer: string | undefined, work: string | undefined, details: Details): Promise<void> {
    await this.send([this.event("cost", customer, work, details)]);
  }

  /** Takes a work back, or an event by the id (and source) that it was sent with. */
  async undo(customer: string, what: Details & { work?: string; event?: string; source?: string }): Promise<void> {
    const { work, event: id, source = this.#options.source, ...details } = what;
    await this.send([this.event("undo", customer, work, { ...details, event: id && { id, source } })]);
  }

  /**
   * Work in progress: `body`, whose good end is `done`. `type` is the definition's id, `id` the work's; `run` names an
   * attempt that may be started again (the job's id), so that its events have the same ids each time.
   */
  async unit<T>(
    type: string,
    { customer, id, run, ...headers }: { customer: string; id: string; run?: string; [header: string]: unknown },
    body: (unit: Unit) => Promise<T>,
  ): Promise<T> {
    const { within, traceparent } = await this.#named({ "unit.id": id, "unit.type": type, "customer.id": customer });
    const own = { unit: type, ...headers, ...(run === undefined && { traceparent }) }; // a run says the same each time
    let [said, costs, isOver]: [Details | undefined, number, boolean] = [{}, 0, false];
    const say = (details: Details | undefined): void => {
      if (isOver) throw new Error("the body of the unit is over: what is said now would be lost");
      said = details;
    };
    const cost = (details: Details): Promise<void> =>
      this.cost(customer, id, { id: run && `${run}/cost-${(costs += 1)}`, ...own, ...details });
    const unit: Unit = { done: say, notDone: () => say(undefined), cost };
    const result = await within(async () => body(unit)).finally(() => (isOver = true));
    if (said !== undefined) await this.done(customer, id, { id: run, ...own, ...said });
    return result;
  }

  /** An event that is not sent yet: several are acknowledged together by one `send`. */
  event(verb: string, customer: string | undefined, work: string | undefined, details: Details): Event {
    const { id, at, traceparent, ...data } = details;
    if (data["amount"] !== undefined && typeof data["amount"] !== "string") {
      throw new TypeError(`amount ${data["amount"]}: money is text such as "0.11 USD"; a number would not be exact`);
    }
    // Under an id of the caller's the time is the arrival, so that the same call again is the same event.
    const time = at ?? (id === undefined ? new Date() : undefined);
    const envelope = { specversion: "1.0", id: id ?? crypto.randomUUID(), source: this.#options.source };
    return { ...envelope, type: `piecework.${verb}.v1`, subject: customer, time, workid: work, traceparent, data };
  }

  /** Sends events as they are: `unsent` of an error, or facts of other types. At most 10,000. */
  async send(events: readonly Event[]): Promise<void> {
    const [body, last] = [JSON.stringify(events), Date.now() + (this.#options.patienceMs ?? 30_000)];
    for (let attempt = 1; events.length > 0; attempt += 1) {
      const { status, said, waitMs } = await this.#post(body);
      const outcomes = said["events"];
      if (Array.isArray(outcomes) && outcomes.length === events.length) return judge(events, outcomes);
      const why = `${said["title"] ?? `HTTP status ${status}`}: ${said.detail ?? "not an answer of piecework"}`;
      if (![0, 408, 429].includes(status) && status < 500) {
        throw new (status < 300 ? NotAcknowledged : Refused)(why, said, events);
      }
      const pause = waitMs + 50 + Math.random() * 100 * 2 ** Math.min(attempt, 6);
      if (Date.now() + pause > last) throw new NotAcknowledged(`${attempt} attempts; ${why}`, said, events);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Status (0: no answer), what was said, and how long to wait. */
  async #post(body: string): Promise<{ status: number; said: Problem; waitMs: number }> {
    const [authorization, prefer] = [`Bearer ${this.#options.key.trim()}`, "return=representation"];
    const headers = { authorization, prefer, "content-type": "application/json" };
    const [signal, redirect] = [AbortSignal.timeout(this.#options.timeoutMs ?? 10_000), "manual" as const];
    try { // nothing is followed: a redirect could take the key elsewhere
      const answer = await fetch(this.#address, { method: "POST", headers, body, redirect, signal });
      const waitMs = retryAfterMs(answer.headers.get("retry-after"));
      const text = await answer.text();
      return { status: answer.status, said: text.startsWith("{") ? JSON.parse(text) : {}, waitMs };
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      return { status: 0, said: { title: "no answer", detail: String(cause) }, waitMs: 0 };
    }
  }

  /** Names the work on the current span and in the baggage of what runs `within`, where OpenTelemetry is there. */
  async #named(names: Record<string, string>): Promise<{ within: Within; traceparent?: string }> {
    const otel = (this.#options.otel ?? (await installed)) as any;
    if (otel === undefined) return { within: (work) => work() };
    let [span, context] = [otel.trace.getActiveSpan(), otel.context.active()];
    let baggage = otel.propagation.getBaggage(context) ?? otel.propagation.createBaggage();
    for (const [name, value] of Object.entries(names)) {
      span?.setAttribute(`piecework.${name}`, value);
      baggage = baggage.setEntry(`piecework.${name}`, { value });
    }
    if (this.#options.baggage !== false) context = otel.propagation.setBaggage(context, baggage);
    const within: Within = (work) => otel.context.with(context, work);
    const own = span?.spanContext();
    if (own === undefined || !otel.isSpanContextValid(own)) return { within };
    return { within, traceparent: `00-${own.traceId}-${own.spanId}-${own.traceFlags.toString(16).padStart(2, "0")}` };
  }
}

/** Throws where some were refused, or conflict; the problem has the form of the server's own. */
function judge(events: readonly Event[], outcomes: readonly Record<string, string>[]): void {
  const isBad = (at: number): boolean => ["refused", "conflict"].includes(outcomes[at]?.["outcome"] ?? "");
  const bad = outcomes.filter((_, at) => isBad(at));
  if (bad.length === 0) return;
  const known = "the id is known with another content, which stands until an `event.corrected` chooses";
  const errors = bad.map((own) => ({ pointer: own["pointer"] ?? "/id", detail: own["detail"] ?? known }));
  const code = bad.some((own) => own["outcome"] === "refused") ? "events-refused" : "conflict";
  const detail = `${errors[0]?.pointer}: ${errors[0]?.detail} (${bad.length} of ${events.length} events)`;
  throw new Refused(detail, { code, detail, errors }, events.filter((_, at) => isBad(at)));
}

function retryAfterMs(said: string | null): number {
  const wait = /^\d+$/.test(said ?? "") ? Number(said) * 1_000 : Date.parse(said ?? "") - Date.now();
  return Math.max(0, wait || 0);
}
