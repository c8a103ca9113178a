# SPDX-License-Identifier: MIT
# fetchpool
"""The functions for pages: words, links (with lxml) and readme. page_worker.py does not call readme."""


def words(body):
    return {"words": len(body.split())}


def links(body):
    # The other functions are measured without the time that this import takes.
    import lxml.html

    page = lxml.html.fromstring(body)
    return {"links": [anchor.get("href") for anchor in page.iter("a")]}


def readme(body):
    """Does what the worker in the README does with `response.text`."""
    return {"words": len(body.decode().split())}


FUNCTIONS = {"words": words, "links": links, "readme": readme}
