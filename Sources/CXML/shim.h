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
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// Where the events of one parse go. `user` is the first argument of each; `start` and `end` tell whether the text that
/// comes next is wanted. What is not may be left out.
typedef struct {
    void *user;
    bool (*start)(void *user, const xmlChar *name, const xmlChar **attributes);
    bool (*end)(void *user, const xmlChar *name);
    void (*characters)(void *user, const xmlChar *text, int count);
} cxml_html_events;

/// One parse. libxml2 hands it back with each event.
typedef struct {
    const cxml_html_events *events;
    htmlParserCtxtPtr parser;
    /// The caller's page, which must stay as it is.
    const xmlChar *page, *page_end;
    bool wants_text;
} cxml_html_parse;

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

// Passing over text. Up to version 2.13 libxml2 reads text one character at a time, by a call for each, and that is three
// quarters of the time a page takes. Where nobody wants the text, the parser's cursor is moved near the next tag. What is left
// of it (the last visible ASCII character, and what follows) is read as before, so that all that hangs on there being text, such
// as an implied paragraph, happens as it would. The cursor moves only where it is known to stand at a tag's end: the bytes before
// it spell the tag that the event is about. Events also come for tags that the page leaves out, from anywhere.
// Bounds: the cursor never moves back, and never past the next `<`, which lies inside of the parser's input.
#if LIBXML_VERSION < 21400

/// Whether `name` stands just before the cursor, behind `before`.
static inline bool cxml_is_behind(const xmlParserInput *input, const char *before, const xmlChar *name, size_t after) {
    size_t length = strlen((const char *)name), opening = strlen(before);
    if ((size_t)(input->cur - input->base) < opening + length + after) return false;
    const char *found = (const char *)input->cur - after - length;
    return strncasecmp(found, (const char *)name, length) == 0 && memcmp(found - opening, before, opening) == 0;
}

/// How much of the text at `text` can be left out: up to its last visible ASCII character that is surely text. Some references are
/// none; but a character behind a blank is part of no reference that began before it.
static inline size_t cxml_count_needless(const xmlChar *text, const xmlChar *end) {
    const xmlChar *tag = memchr(text, '<', (size_t)(end - text));
    if (tag == NULL) return 0;
    const xmlChar *reference = memchr(text, '&', (size_t)(tag - text));
    for (const xmlChar *kept = tag - 1; kept > text; kept--) {
        if (*kept <= 0x20 || *kept >= 0x7F) continue;
        if (reference == NULL || kept < reference || (kept[-1] == 0x20 && *kept != '&')) return (size_t)(kept - text);
    }
    return 0;
}

/// Passes over the text behind a start tag; the cursor is at the tag's end, which moves with it.
static inline void cxml_pass_text_after_start(const cxml_html_parse *parse, const xmlChar *name, bool has_attributes) {
    xmlParserInput *input = parse->parser->input;
    // Tags that the page leaves out have none.
    if (!has_attributes && !cxml_is_behind(input, "<", name, 0)) return;
    size_t length = *input->cur == '>' ? 1 : input->cur[0] == '/' && input->cur[1] == '>' ? 2 : 0;
    if (length == 0) return;
    size_t count = cxml_count_needless(input->cur + length, input->end);
    // The input is libxml2's own copy of the page, decoded, but a version may come to read the page where it lies. The bytes
    // written over are among those left out.
    if (count < length || (input->base >= parse->page && input->base < parse->page_end)) return;
    memmove((xmlChar *)input->cur + count, input->cur, length);
    input->cur += count;
}

/// Passes over the text behind an end tag; the cursor is behind the tag.
static inline void cxml_pass_text_after_end(const cxml_html_parse *parse, const xmlChar *name) {
    xmlParserInput *input = parse->parser->input;
    if (input->cur == input->base || input->cur[-1] != '>' || !cxml_is_behind(input, "</", name, 1)) return;
    input->cur += cxml_count_needless(input->cur, input->end);
}

#else

// Newer ones look for the end of the text at once.
static inline void cxml_pass_text_after_start(const cxml_html_parse *parse, const xmlChar *name, bool has_attributes) {
    (void)parse, (void)name, (void)has_attributes;
}

static inline void cxml_pass_text_after_end(const cxml_html_parse *parse, const xmlChar *name) {
    (void)parse, (void)name;
}

#endif

static inline void cxml_start(void *user, const xmlChar *name, const xmlChar **attributes) {
    cxml_html_parse *parse = user;
    parse->wants_text = parse->events->start(parse->events->user, name, attributes);
    if (!parse->wants_text) cxml_pass_text_after_start(parse, name, attributes != NULL);
}

static inline void cxml_end(void *user, const xmlChar *name) {
    cxml_html_parse *parse = user;
    parse->wants_text = parse->events->end(parse->events->user, name);
    if (!parse->wants_text) cxml_pass_text_after_end(parse, name);
}

static inline void cxml_characters(void *user, const xmlChar *text, int count) {
    cxml_html_parse *parse = user;
    if (parse->wants_text) parse->events->characters(parse->events->user, text, count);
}

/// Parses `count` bytes of UTF-8 at `text` as HTML, whatever charset the page itself names, and builds no tree.
/// Faults of the page are passed over. Loads nothing, prints nothing.
/// `is_ascii` says that there are no bytes above 127, and no zero bytes: then libxml2 need not decode the text.
static inline void cxml_parse_html(const char *text, int count, bool is_ascii, const cxml_html_events *events) {
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    if (parser == NULL) abort();
    memset(parser->sax, 0, sizeof *parser->sax);
    parser->sax->initialized = XML_SAX2_MAGIC;
    parser->sax->startElement = cxml_start;
    parser->sax->endElement = cxml_end;
    parser->sax->characters = cxml_characters;
    parser->sax->ignorableWhitespace = cxml_characters;
    parser->sax->cdataBlock = cxml_ignore_text;
    parser->sax->serror = cxml_note_error;
    const xmlChar *page = (const xmlChar *)text;
    cxml_html_parse parse = {events, parser, page, page + count, true};
    parser->userData = &parse;
    int options = HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOWARNING | HTML_PARSE_NOERROR | HTML_PARSE_IGNORE_ENC;
#if LIBXML_VERSION >= 21400
    options |= HTML_PARSE_HUGE;
#endif
    htmlDocPtr tree = htmlCtxtReadMemory(parser, text, count, NULL, is_ascii ? NULL : "UTF-8", options);
    // A size that would overflow is refused before anything is allocated, and told as a lack of memory.
    if (parser->errNo == XML_ERR_NO_MEMORY) abort();
    cxml_note_error(NULL, xmlCtxtGetLastError(parser));
    cxml_note_error(NULL, xmlGetLastError());
    if (tree != NULL) xmlFreeDoc(tree);
    htmlFreeParserCtxt(parser);
}

#endif
