// The broker's yardstick: takes the processor time and the syncs of an issuance, and does nothing else. As broker, with a file and the
// port of the other one, or as STS. A thread for each connection, which must be kept alive.
// Usage: issuance PORT MILLISECONDS [FILE STS_PORT]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// What two transactions of an issuance add to SQLite's write-ahead log, and how much of it there is between two checkpoints.
enum { written = 5 * 4096, log_length = 1000 * 4096 };

static double milliseconds;
static int file = -1, sts_port;
static pthread_mutex_t one_writer = PTHREAD_MUTEX_INITIALIZER;

static double used(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void use(double time) {
    for (double end = used() + time; used() < end;) continue;
}

static void sync_transaction(void) {
    static char pages[written];
    static off_t end;
    pthread_mutex_lock(&one_writer);
    if (pwrite(file, pages, written, end) != written || fdatasync(file)) err(1, "file");
    end = (end + written) % log_length;
    pthread_mutex_unlock(&one_writer);
}

static int stream(int port, int (*open)(int, const struct sockaddr *, socklen_t)) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (open(fd, (struct sockaddr *)&address, sizeof address)) err(1, "port %d", port);
    return fd;
}

// Reads to the end of a message with a Content-Length, or of its head; 0 if there is none.
static int take(int fd) {
    char message[8192];
    size_t length = 0, wanted = 0;
    do {
        ssize_t got = read(fd, message + length, sizeof message - 1 - length);
        if (got <= 0) return 0;
        message[length += got] = 0;
        char *end = strstr(message, "\r\n\r\n"), *size = strcasestr(message, "\r\nContent-Length:");
        if (end) wanted = end + 4 - message + (size && size < end ? strtoul(size + 17, NULL, 10) : 0);
    } while (!wanted || length < wanted);
    return 1;
}

static void put(int fd, const char *text) {
    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text)) err(1, "write");
}

static void *serve(void *argument) {
    int fd = (int)(long)argument, sts = sts_port ? stream(sts_port, connect) : -1;
    while (take(fd)) {
        use(milliseconds / 2);
        if (sts >= 0) {
            sync_transaction();
            put(sts, "GET / HTTP/1.1\r\n\r\n");
            if (!take(sts)) errx(1, "the other one is gone");
        }
        use(milliseconds / 2);
        if (sts >= 0) sync_transaction();
        put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
    close(fd);
    if (sts >= 0) close(sts);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 3 && count != 5) errx(64, "usage: issuance PORT MILLISECONDS [FILE STS_PORT]");
    milliseconds = atof(arguments[2]);
    if (count == 5) {
        file = open(arguments[3], O_CREAT | O_RDWR, 0600);
        sts_port = atoi(arguments[4]);
        if (file < 0) err(1, "%s", arguments[3]);
    }
    int from = stream(atoi(arguments[1]), bind);
    if (listen(from, 128)) err(1, "listen");
    for (int fd; (fd = accept(from, NULL, NULL)) >= 0;) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(long)fd)) errx(1, "no thread");
        pthread_detach(thread);
    }
    err(1, "accept");
}
