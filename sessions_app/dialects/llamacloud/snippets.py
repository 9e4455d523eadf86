"""First steps with LlamaCloud's SDKs."""

from __future__ import annotations

from sessions_app.snippets import Program, Wire, register

PYTHON = """\
from llama_cloud import LlamaCloud

client = LlamaCloud(base_url="@URL@", api_key="@KEY@")
"""
PYTHON_READ = f"""\
{PYTHON}print([session.session_id for session in client.chat.list()])
"""
PYTHON_WRITE = f"""\
{PYTHON}session = client.chat.create()
print(client.chat.retrieve(session.session_id))
"""
SCRIPT = """\
import LlamaCloud from '@llamaindex/llama-cloud';

const client = new LlamaCloud({ baseURL: '@URL@', apiKey: '@KEY@' });
"""
SCRIPT_READ = f"""\
{SCRIPT}for await (const session of client.beta.chat.list()) console.log(session.session_id);
"""
SCRIPT_WRITE = f"""\
{SCRIPT}const session = await client.beta.chat.create({{}});
console.log(await client.beta.chat.retrieve(session.session_id));
"""

register(
    Wire(
        title="LlamaCloud",
        route="llamacloud-chats",
        path="/api/v1/chat",
        programs=(
            Program(
                client="Python, llama-cloud", install="pip install llama-cloud", read=PYTHON_READ, write=PYTHON_WRITE
            ),
            Program(
                client="JavaScript, @llamaindex/llama-cloud",
                install="npm install @llamaindex/llama-cloud",
                read=SCRIPT_READ,
                write=SCRIPT_WRITE,
            ),
        ),
    )
)
