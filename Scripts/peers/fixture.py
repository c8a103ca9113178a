# SPDX-License-Identifier: MIT
# fetchpool
"""Fetches pages of fixture-server with requests, finds with lxml what each page asks for, and does it."""

import os
import signal
import time

import lxml.html
import requests

session = None


def begin_worker():
    global session
    session = requests.Session()


def process(url):
    """Fetches a page and does what the page asks for; returns the size of the page."""
    body = session.get(url, timeout=30).content
    wish = lxml.html.fromstring(body).xpath("string(//meta[@name='fixture']/@content)")
    verb, _, number = wish.partition(":")
    if verb == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif verb == "burn":
        end = time.thread_time() + int(number) / 1000
        while time.thread_time() < end:
            pass
    return len(body)
