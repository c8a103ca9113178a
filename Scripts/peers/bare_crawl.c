// SPDX-License-Identifier: MIT
// fetchpool
//
// Measures the cost of libcurl itself, with curl_multi_socket_action and epoll in one process, without
// records. The speed of this program is the upper limit for a fetch worker, because the program uses libcurl
// as an expert would. It parses the trust store once, shares TLS sessions, and waits for a connection that
// multiplexes. With RENEW, it replaces the multi handle before the handle's caches grow.
// usage: bare_crawl LIST IN_FLIGHT [RENEW [BUFFER [CONNECTIONS]]]
//   RENEW: the number of transfers for each multi handle (0: one handle for all transfers)
//   BUFFER: the size of the receive buffer in bytes (0: libcurl's default)
//   CONNECTIONS: the size of the connection cache (0: libcurl's default)
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

struct loop {
    CURLM *multi;
    double due; // when the timer of `multi` fires; 0: no timer is set
    long begun, running;
    struct loop *older;
};

static int poller;
static struct loop *newest, **owners; // by descriptor
static long renew, buffer, connections, descriptors;
static CURLSH *share;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *to) { return size * count; }

static int watch(CURL *easy, curl_socket_t socket, int what, void *loop, void *known) {
    struct epoll_event event = {.data.fd = socket};
    if (what != CURL_POLL_OUT) event.events |= EPOLLIN;
    if (what != CURL_POLL_IN) event.events |= EPOLLOUT;
    int how = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL : known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(poller, how, socket, &event) < 0 && how != EPOLL_CTL_DEL)
        epoll_ctl(poller, how == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (socket < descriptors) owners[socket] = what == CURL_POLL_REMOVE ? NULL : loop;
    if (what != CURL_POLL_REMOVE) curl_multi_assign(((struct loop *)loop)->multi, socket, loop);
    return 0;
}

static int arm(CURLM *multi, long milliseconds, struct loop *loop) {
    loop->due = milliseconds < 0 ? 0 : now() + milliseconds / 1e3;
    return 0;
}

static void open_loop(void) {
    struct loop *loop = calloc(1, sizeof *loop);
    loop->multi = curl_multi_init();
    loop->older = newest;
    newest = loop;
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, arm);
    curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
    if (connections) curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, connections);
}

static void begin(CURL *easy, const char *url) {
    if (renew && newest->begun >= renew) open_loop();
    newest->begun++;
    newest->running++;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    // PIPEWAIT is set only with TLS. Without TLS, a transfer would wait for the host's first response, and
    // then learn that the connection does not multiplex.
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)!strncmp(url, "https:", 6));
    curl_multi_add_handle(newest->multi, easy);
}

static CURL *open_easy(void) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_SHARE, share);
    curl_easy_setopt(easy, CURLOPT_CAINFO, "/etc/ssl/certs/ca-certificates.crt");
    // With a CAPATH, libcurl 7.87 and newer parse the CAINFO file for each connection.
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (buffer) curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, buffer);
    return easy;
}

int main(int count_of_words, char **words) {
    if (count_of_words < 3) return fprintf(stderr, "usage: bare_crawl LIST IN_FLIGHT [RENEW [BUFFER [CONNECTIONS]]]\n"), 2;
    long in_flight = atol(words[2]), count = 0, size = 1024, next = 0, done = 0, good = 0;
    if (count_of_words > 3) renew = atol(words[3]);
    if (count_of_words > 4) buffer = atol(words[4]);
    if (count_of_words > 5) connections = atol(words[5]);
    FILE *list = fopen(words[1], "r");
    if (!list) return perror(words[1]), 1;
    char **urls = malloc(size * sizeof *urls), *line = NULL;
    for (size_t room = 0; getline(&line, &room, list) > 0; count++) {
        if (count == size) urls = realloc(urls, (size *= 2) * sizeof *urls);
        urls[count] = strndup(line, strcspn(line, "\r\n"));
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    descriptors = limit.rlim_cur > 1 << 20 ? 1 << 20 : (long)limit.rlim_cur;
    owners = calloc(descriptors, sizeof *owners);
    curl_global_init(CURL_GLOBAL_ALL);
    share = curl_share_init();
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    poller = epoll_create1(EPOLL_CLOEXEC);
    open_loop();
    double start = now(), first_tenth = 0, nine_tenths = start;
    while (next < count && next < in_flight) begin(open_easy(), urls[next++]);
    while (done < count) {
        double due = 0, time = now();
        for (struct loop *loop = newest; loop; loop = loop->older)
            if (loop->due && (!due || loop->due < due)) due = loop->due;
        int wait = !due ? 1000 : due <= time ? 0 : (int)((due - time) * 1e3) + 1, running;
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, wait);
        for (int i = 0; i < ready; i++) {
            struct loop *loop = owners[events[i].data.fd];
            int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                | (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            if (loop) curl_multi_socket_action(loop->multi, events[i].data.fd, mask, &running);
        }
        time = now();
        for (struct loop **place = &newest; *place;) {
            struct loop *loop = *place;
            if (loop->due && loop->due <= time) {
                loop->due = 0;
                curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
            }
            CURLMsg *message;
            while ((message = curl_multi_info_read(loop->multi, &(int){0}))) {
                CURL *easy = message->easy_handle;
                long status = 0;
                curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
                good += message->data.result == CURLE_OK && status == 200;
                curl_multi_remove_handle(loop->multi, easy);
                loop->running--;
                if (++done == count / 10) first_tenth = now() - start;
                if (done == count - count / 10) nine_tenths = now();
                // After `begin`, `*place` can be a newer loop.
                if (next < count) begin(easy, urls[next++]);
                else curl_easy_cleanup(easy);
            }
            while (*place != loop) place = &(*place)->older;
            if (loop != newest && !loop->running) {
                *place = loop->older;
                curl_multi_cleanup(loop->multi);
                free(loop);
            } else place = &loop->older;
        }
    }
    double end = now();
    printf("{\"items\":%ld,\"ok\":%ld,\"seconds\":%f,\"first_tenth\":%f,\"last_tenth\":%f}\n", count, good, end - start,
        first_tenth, end - nine_tenths);
    fflush(stdout);
    _Exit(0); // the end of the process closes what is open
}
