"""A model on loopback: answers like OpenAI and Anthropic, with usage that is always the same.

    python model_server.py PROGRAM ARGUMENTS...

runs the program with its address in MODEL_SERVER, and ends as the program does. Standard library alone.
"""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

numbers = count(1)


def openai(number: int, model: str) -> dict:
    # Cached input and reasoning are parts of their totals.
    return {
        "id": f"chatcmpl-{number:024d}",
        "object": "chat.completion",
        "created": 1767690000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "Restart it."},
            }
        ],
        "usage": {
            "prompt_tokens": 1200,
            "completion_tokens": 350,
            "total_tokens": 1550,
            "prompt_tokens_details": {"cached_tokens": 1000, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 200, "audio_tokens": 0},
        },
    }


def anthropic(number: int, model: str) -> dict:
    # What was read from and written to a cache stands beside the input.
    return {
        "id": f"msg_{number:024d}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "Restart it."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 100,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 50,
            "output_tokens": 80,
        },
    }


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        answers = {"/v1/chat/completions": openai, "/v1/messages": anthropic}
        answer = answers.get(self.path.split("?")[0])
        if answer is None:
            self.send_error(404)
            return
        told = json.dumps(answer(next(numbers), json.loads(body)["model"])).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


def main() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    return subprocess.run(sys.argv[1:], env={**os.environ, "MODEL_SERVER": address}).returncode


sys.exit(main())
