# SPDX-License-Identifier: MIT
# fetchpool
"""Does what the processors `links` and `text` do, with lxml and with selectolax.

Links are the targets of all `a` and `area` elements, resolved, each once. Text is the text of the body
without the elements of `HIDDEN`: its words, joined by single blanks, and the number of the words. None stands
for a page that the parser refuses.
"""

from urllib.parse import urljoin

import lxml.etree
import lxml.html
from selectolax.lexbor import LexborHTMLParser

HIDDEN = ["script", "style", "noscript", "template"]


def resolved(base, targets):
    found = {}
    for target in targets:
        if target is None:
            continue
        try:
            found[urljoin(base, target)] = None
        except ValueError:  # such as http://[
            pass
    return list(found)


def lxml_page(body):
    try:
        return lxml.html.document_fromstring(body)
    except lxml.etree.ParserError:
        return None


def lxml_links(body, url):
    page = lxml_page(body)
    if page is None:
        return None
    base = page.find(".//base[@href]")
    if base is not None:
        url = urljoin(url, base.get("href"))
    return resolved(url, (link.get("href") for link in page.iter("a", "area")))


def lxml_text(body, url):
    page = lxml_page(body)
    if page is None:
        return None
    lxml.etree.strip_elements(page, *HIDDEN, lxml.etree.Comment, with_tail=False)
    part = page.find("body")
    words = " ".join((page if part is None else part).itertext()).split()
    return {"words": len(words), "text": " ".join(words)}


def selectolax_links(body, url):
    page = LexborHTMLParser(body)
    base = page.css_first("base[href]")
    if base is not None:
        url = urljoin(url, base.attributes.get("href") or "")
    return resolved(url, (link.attributes.get("href") for link in page.css("a[href], area[href]")))


def selectolax_text(body, url):
    page = LexborHTMLParser(body)
    page.strip_tags(HIDDEN)
    words = page.body.text(separator=" ").split() if page.body else []
    return {"words": len(words), "text": " ".join(words)}


PARSERS = {
    "lxml": {"links": lxml_links, "text": lxml_text},
    "selectolax": {"links": selectolax_links, "text": selectolax_text},
}
