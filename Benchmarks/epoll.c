// The yardstick: answers fixed bytes over HTTP/1.1, and reads requests for their blank line only. One thread.
// Usage: epoll PORT KEEP_ALIVE_ANSWER_FILE CLOSING_ANSWER_FILE
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct answer {
    char bytes[65536];
    size_t length;
};

static struct answer keeping, closing;
// Both by descriptor.
static size_t read_so_far[1024];
static char requests[1024][4096];

static void load(struct answer *answer, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) err(1, "%s", path);
    answer->length = fread(answer->bytes, 1, sizeof answer->bytes, file);
    fclose(file);
}

static int listener(int port) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 512)) err(1, "port %d", port);
    return fd;
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) err(1, "epoll_ctl");
}

static void accept_all(int epoll, int from) {
    int on = 1, fd;
    while ((fd = accept4(from, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= 1024) errx(1, "too many connections");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        read_so_far[fd] = 0;
        watch(epoll, fd);
    }
}

static void serve(int fd) {
    char *request = requests[fd];
    ssize_t got = read(fd, request + read_so_far[fd], sizeof requests[fd] - read_so_far[fd]);
    if (got <= 0) {
        close(fd);
        return;
    }
    read_so_far[fd] += got;
    if (!memmem(request, read_so_far[fd], "\r\n\r\n", 4)) return;
    int closes = memmem(request, read_so_far[fd], "Connection: close", 17) != NULL;
    const struct answer *answer = closes ? &closing : &keeping;
    read_so_far[fd] = 0;
    if (write(fd, answer->bytes, answer->length) != (ssize_t)answer->length || closes) close(fd);
}

int main(int count, char **arguments) {
    if (count != 4) errx(64, "usage: epoll PORT KEEP_ALIVE_ANSWER_FILE CLOSING_ANSWER_FILE");
    load(&keeping, arguments[2]);
    load(&closing, arguments[3]);
    int epoll = epoll_create1(0), from = listener(atoi(arguments[1]));
    watch(epoll, from);
    struct epoll_event events[64];
    for (;;) {
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.fd == from) accept_all(epoll, from);
            else serve(events[i].data.fd);
    }
}
