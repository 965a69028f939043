"""Calls a model through LiteLLM, one of whose own callbacks tells piecework: `generic` or `openmeter`."""

import asyncio
import os
import sys

address, key, callback = sys.argv[1:]
os.environ["OPENMETER_API_ENDPOINT"] = address
os.environ["OPENMETER_API_KEY"] = key
os.environ["GENERIC_LOGGER_ENDPOINT"] = f"{address}/ingest/litellm"
os.environ["GENERIC_LOGGER_HEADERS"] = f"Authorization=Bearer {key}"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network

import litellm  # noqa: E402  (it reads the environment)
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger  # noqa: E402


async def ask(**named: object) -> None:
    await litellm.acompletion(
        model="openai/gpt-4o-mini",
        api_base=f"{os.environ['MODEL_SERVER']}/v1",
        api_key="none",
        messages=[{"role": "user", "content": "It does not start: my password is hunter2."}],
        **named,
    )


async def openmeter() -> None:
    """An event for each call, as it is."""
    litellm.success_callback = ["openmeter"]
    await ask(user="acme")
    await asyncio.sleep(1)


async def generic() -> None:
    """The calls together: one for a work, one for nobody."""
    logger = GenericAPILogger()
    litellm.callbacks = [logger]
    whose = {"piecework_customer_id": "acme", "piecework_unit_id": "T-1"}
    await ask(metadata={"requester_metadata": whose})
    await ask()
    while len(logger.log_queue) < 2:
        await asyncio.sleep(0.05)
    await logger.async_send_batch()


asyncio.run({"openmeter": openmeter, "generic": generic}[callback]())
