// SPDX-License-Identifier: MIT
// fetchpool

#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/auxv.h>
#include <unistd.h>

static int argument_count;
static char **argument_words;

// glibc passes these arguments to constructors.
__attribute__((constructor)) static void keep_arguments(int count, char **words, char **environment) {
    (void)environment;
    argument_count = count;
    argument_words = words;
}

const char *clinux_argument(int place) {
    return place >= 0 && place < argument_count ? argument_words[place] : 0;
}

char *const *clinux_arguments(void) {
    return argument_words;
}

static int is_slash(char byte) { return byte == '/' || byte == '\\'; }

// Splits a word at its slashes, and hides the bytes between the first colon and the last `@` of each part. A
// backslash counts as a slash. An unencoded slash ends the part of a URL that can hold a password. Without a
// password, a user name after two slashes is hidden, because it can be a token.
static void hide_password(char *word) {
    char *colon = 0;
    char *user = 0;
    for (char *at = word; *at; at++) {
        if (is_slash(*at)) {
            colon = 0;
            user = at > word && is_slash(at[-1]) ? at + 1 : 0;
        }
        if (*at == ':' && !colon) colon = at;
        if (*at != '@') continue;
        char *first = colon && colon + 1 < at ? colon + 1 : user;
        for (char *byte = first ? first : at; byte < at; byte++) *byte = '*';
    }
}

void clinux_hide_passwords(void) {
    for (int place = 1; place < argument_count; place++) hide_password(argument_words[place]);
}

const char *clinux_variable(int place) {
    // `environ` is null after clearenv(3).
    return environ ? environ[place] : 0;
}

const char *clinux_executable(void) {
    return (const char *)getauxval(AT_EXECFN);
}
