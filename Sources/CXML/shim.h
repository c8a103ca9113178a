// SPDX-License-Identifier: MIT
// fetchpool
//
// What Swift needs of libxml2's HTML parser and of iconv. Nothing here decides anything but when to give up: without memory
// libxml2 2.9 returns a part of a document, or an empty one, as if it were all. It tells of some failed allocations in the
// parser's error, of some in the error of the process, of some nowhere. So the process ends at the first, as Swift's own do.

#ifndef FETCHPOOL_CXML_SHIM_H
#define FETCHPOOL_CXML_SHIM_H

#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>
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

static inline void *cxml_allocate(size_t count) {
    void *memory = malloc(count);
    if (memory == NULL && count > 0) abort();
    return memory;
}

static inline void *cxml_reallocate(void *memory, size_t count) {
    memory = realloc(memory, count);
    if (memory == NULL && count > 0) abort();
    return memory;
}

static inline char *cxml_copy_string(const char *text) {
    char *copy = strdup(text);
    if (copy == NULL) abort();
    return copy;
}

/// Sets libxml2 up; once, on one thread, before any other call of it.
static inline void cxml_set_up(void) {
    if (xmlMemSetup(free, cxml_allocate, cxml_reallocate, cxml_copy_string) != 0) abort();
    xmlInitParser();
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
    // A size that would overflow is refused before anything is allocated, and told as a lack of memory.
    if (parser->errNo == XML_ERR_NO_MEMORY) abort();
    cxml_note_error(NULL, xmlCtxtGetLastError(parser));
    cxml_note_error(NULL, xmlGetLastError());
    if (tree != NULL) xmlFreeDoc(tree);
    htmlFreeParserCtxt(parser);
}

#endif
