"""Calls the fixtures as programs written with PyPI's `mcp` and `fastmcp` do, in both eras of the protocol.

    clients.py HOST        with the repository as the working directory

Prints a line for each client and era; the first thing that is not as it should be ends it with an error.
"""

import asyncio
import os
import sys

import fastmcp
import mcp
from fastmcp.client.transports import StdioTransport
from mcp import types
from mcp.client.client import Client

HOST = sys.argv[1]
SERVE = ["mcp", "serve", "--stdio"]
ERAS = ["legacy", "2026-07-28"]
GREETING = "This is a simple text response for testing."


def equal(got, wanted):
    if got != wanted:
        raise SystemExit(f"error: got {got!r} instead of {wanted!r}")


def ends(got, wanted):
    """The host says in front which plugin asks."""
    if not got.endswith(wanted):
        raise SystemExit(f"error: {got!r} does not end with {wanted!r}")


async def elicit(_context, params):
    ends(params.message, "What is your name?")
    return types.ElicitResult(action="accept", content={"name": "Ada"})


async def sample(_context, params):
    ends(params.messages[0].content.text, "What is the capital of France?")
    text = types.TextContent(type="text", text="Paris")
    return types.CreateMessageResult(role="assistant", content=text, model="test")


async def tools(call, listed):
    """What every client can do: `call` returns a result, `listed` are the tools' names."""
    for name in ["test_simple_text", "json_schema_2020_12_tool", "slow_compute"]:
        if name not in listed:
            raise SystemExit(f"error: {name} is not listed: {sorted(listed)}")
    equal((await call("test_simple_text")).content[0].text, GREETING)
    kinds = [one.type for one in (await call("test_multiple_content_types")).content]
    equal(kinds, ["text", "image", "resource"])
    equal((await call("test_input_required_result_elicitation")).content[0].text, "Hello, Ada!")
    equal((await call("test_input_required_result_sampling")).content[0].text, "Paris")


async def sdk(era):
    server = mcp.StdioServerParameters(command=HOST, args=SERVE, env=dict(os.environ))
    async with Client(
        server, mode=era, elicitation_callback=elicit, sampling_callback=sample
    ) as client:
        await tools(client.call_tool, {tool.name for tool in (await client.list_tools()).tools})
        equal((await client.call_tool("test_error_handling")).is_error, True)
        await offered_to_sdk(client)
        return client.protocol_version


async def offered_to_sdk(client):
    read = await client.read_resource("test://static-text")
    equal(read.contents[0].text, "This is the content of the static text resource.")
    got = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
    equal(got.messages[0].content.text, "Prompt with arguments: arg1='a', arg2='b'")
    reference = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
    found = await client.complete(reference, {"name": "arg1", "value": "par"})
    equal(found.completion.values, ["paris", "park", "party"])


async def fast(era):
    async def handler(message, _type, _params, _context):
        ends(message, "What is your name?")
        return {"name": "Ada"}

    async def sampler(messages, _params, _context):
        ends(messages[0].content.text, "What is the capital of France?")
        return "Paris"

    transport = StdioTransport(HOST, SERVE, env=dict(os.environ), keep_alive=False)
    client = fastmcp.Client(
        transport, mode=era, elicitation_handler=handler, sampling_handler=sampler
    )
    async with client:
        await tools(client.call_tool, {tool.name for tool in await client.list_tools()})
        failed = await client.call_tool("test_error_handling", raise_on_error=False)
        equal(failed.is_error, True)
        read = await client.read_resource("test://static-text")
        equal(read[0].text, "This is the content of the static text resource.")


async def main():
    for era in ERAS:
        revision = await sdk(era)
        print(f"mcp {era}: {revision}", flush=True)
        await fast(era)
        print(f"fastmcp {era}: ok", flush=True)


asyncio.run(main())
