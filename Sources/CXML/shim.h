// SPDX-License-Identifier: MIT
// fetchpool
//
// What Swift needs of libxml2's HTML parser and of iconv. Nothing here decides anything but when to give up: without memory
// libxml2 2.9 returns a part of a document as if it were all, so then the process ends, as it would at a failed allocation of its own.

#ifndef FETCHPOOL_CXML_SHIM_H
#define FETCHPOOL_CXML_SHIM_H

#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

/// Where the events of one parse go. `user` is the first argument of each.
typedef struct {
    void *user;
    startElementSAXFunc start;
    endElementSAXFunc end;
    charactersSAXFunc characters;
} cxml_html_events;

static inline void cxml_ignore_text(void *user, const xmlChar *text, int count) {
    (void)user, (void)text, (void)count;
}

#if LIBXML_VERSION >= 21200
static inline void cxml_note_error(void *user, const xmlError *error) {
#else
static inline void cxml_note_error(void *user, xmlErrorPtr error) {
#endif
    (void)user;
    if (error != NULL && error->code == XML_ERR_NO_MEMORY) abort();
}

/// Parses `count` bytes of UTF-8 at `text` as HTML, whatever charset the page itself names, and builds no tree.
/// Faults of the page are passed over. Loads nothing, prints nothing.
static inline void cxml_parse_html(const char *text, int count, const cxml_html_events *events) {
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    if (parser == NULL) abort();
    memset(parser->sax, 0, sizeof *parser->sax);
    parser->sax->initialized = XML_SAX2_MAGIC;
    parser->sax->startElement = events->start;
    parser->sax->endElement = events->end;
    parser->sax->characters = events->characters;
    parser->sax->ignorableWhitespace = events->characters;
    parser->sax->cdataBlock = cxml_ignore_text;
    parser->sax->serror = cxml_note_error;
    parser->userData = events->user;
    int options = HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOWARNING | HTML_PARSE_NOERROR | HTML_PARSE_IGNORE_ENC;
#if LIBXML_VERSION >= 21400
    options |= HTML_PARSE_HUGE;
#endif
    htmlDocPtr tree = htmlCtxtReadMemory(parser, text, count, NULL, "UTF-8", options);
    const xmlError *last = xmlCtxtGetLastError(parser);
    if (parser->errNo == XML_ERR_NO_MEMORY || (last != NULL && last->code == XML_ERR_NO_MEMORY)) abort();
    if (tree != NULL) xmlFreeDoc(tree);
    htmlFreeParserCtxt(parser);
}

#endif
