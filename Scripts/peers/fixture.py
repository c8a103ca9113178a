# SPDX-License-Identifier: MIT
# fetchpool
"""What the pages of the fixture ask for, done in Python."""

import os
import re
import signal
import time

import requests

WISH = re.compile(rb'<meta name="fixture" content="(\w+)(?::(\d+))?">')

session = None


def begin_worker():
    global session
    session = requests.Session()


def process(url):
    """Fetches a page and does what it asks for; answers its size."""
    body = session.get(url, timeout=30).content
    wish = WISH.search(body)
    if wish and wish[1] == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif wish and wish[1] == b"burn":
        end = time.thread_time() + int(wish[2]) / 1000
        while time.thread_time() < end:
            pass
    return len(body)
