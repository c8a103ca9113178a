# SPDX-License-Identifier: MIT
# fetchpool
"""A worker of fetchpool, as the page of the worker protocol has it.

usage: fetchpool --exec 'page_worker.py words|links'
"""

import json
import os
import sys

from page_functions import FUNCTIONS

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
function = FUNCTIONS[sys.argv[1]]


def process(response):
    if "body" in response:
        body = response["body"].encode()
    else:
        with open(response["body_path"], "rb") as file:
            file.seek(response["body_offset"])
            body = file.read(response["bytes"])
    return function(body)


def say(message):
    print(json.dumps(message, allow_nan=False), file=answers, flush=True)


say({"t": "hello", "v": 1})
for line in sys.stdin.buffer:
    message = json.loads(line)
    if message["t"] == "task":
        try:
            say({"seq": message["seq"], "result": process(message["response"])})
        except Exception as error:
            say({"seq": message["seq"], "error": {"message": repr(error)}})
