/*
 * ifd_handler.c - a reader driver (IFD handler, version 3) for pcscd whose reader is a process behind a Unix socket.
 *
 * reader.conf names the socket: DEVICENAME unix:/path/to/reader.sock
 *
 * Every message, in both directions: 1 byte kind, 4 bytes big-endian length, that many bytes of payload.
 *
 *   pcscd asks      P  presence
 *                   W  presence, asked by the thread that announces cards to clients
 *                   U  power up
 *                   D  power down
 *                   A  APDU
 *                   C  control: 4 bytes code, then data
 *   reader answers  +  yes, done; the payload is the ATR, the response, or nothing
 *                   -  no, refused
 *   and says itself E  the card came or went
 *
 * One socket per reader. It is connected on demand and dropped at the first fault, so that the reader's process may die
 * and come back. Without a peer the reader is reported as gone, never as empty.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <ifdhandler.h>
#include <reader.h>

enum {
    MAX_READERS = PCSCLITE_MAX_READERS_CONTEXTS,
    HEADER_SIZE = 5,
    CODE_SIZE = 4,
    ANSWER_TIMEOUT_S = 10, /* a real SAM needs about one second for the longest command */
    PRESENCE_TIMEOUT_S = 1, /* whether a card lies there is known without asking it: who does not say, hangs */
    PRESENCE_PERIOD_MS = 400, /* what pcscd itself uses for readers that cannot tell */
    ABSENCE_PERIOD_MS = 20, /* how soon a reader that was plugged in is noticed; dialling a missing socket is cheap */
};

enum kind { PRESENCE = 'P', WATCH = 'W', POWER_UP = 'U', POWER_DOWN = 'D', APDU = 'A', CONTROL = 'C', YES = '+', NO = '-', EVENT = 'E' };

enum outcome { ANSWERED, REFUSED, GONE };

struct reader {
    bool used;
    DWORD lun;
    struct sockaddr_un address;
    pthread_mutex_t lock; /* one question at a time; guards everything below */
    int fd;               /* -1: not connected */
    UCHAR atr[MAX_ATR_SIZE];
    DWORD atr_length;
};

static struct reader readers[MAX_READERS];
static pthread_mutex_t readers_lock = PTHREAD_MUTEX_INITIALIZER; /* guards `used` and `lun` of all */

static struct reader *reader_of(DWORD lun)
{
    struct reader *found = NULL;
    pthread_mutex_lock(&readers_lock);
    for (size_t i = 0; i < MAX_READERS && !found; i++)
        if (readers[i].used && readers[i].lun == lun)
            found = &readers[i];
    pthread_mutex_unlock(&readers_lock);
    return found;
}

/* ---- the socket; the caller holds the reader's lock ---- */

static void hang_up(struct reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
    reader->atr_length = 0;
}

static bool dial(struct reader *reader, enum kind kind)
{
    const struct timeval limit = { .tv_sec = kind == PRESENCE || kind == WATCH ? PRESENCE_TIMEOUT_S : ANSWER_TIMEOUT_S };
    const bool fresh = reader->fd < 0;
    if (fresh)
        reader->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (reader->fd < 0)
        return false;
    if (setsockopt(reader->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit)
        || setsockopt(reader->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit)
        || (fresh && connect(reader->fd, (const struct sockaddr *)&reader->address, sizeof reader->address))) {
        hang_up(reader);
        return false;
    }
    return true;
}

static bool send_message(int fd, enum kind kind, const void *code, size_t code_length, const void *data, size_t data_length)
{
    const uint32_t length = htonl((uint32_t)(code_length + data_length));
    UCHAR header[HEADER_SIZE] = { (UCHAR)kind };
    memcpy(header + 1, &length, sizeof length);
    /* sendmsg() only reads what iov_base points to; its type is not const for the sake of recvmsg(). */
    struct iovec parts[] = {
        { header, sizeof header }, { (void *)(uintptr_t)code, code_length }, { (void *)(uintptr_t)data, data_length }
    };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = sizeof parts / sizeof *parts };
    size_t left = sizeof header + code_length + data_length;
    while (left > 0) {
        ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        left -= (size_t)sent;
        while (sent > 0) { /* step over what was sent */
            size_t step = message.msg_iov->iov_len < (size_t)sent ? message.msg_iov->iov_len : (size_t)sent;
            message.msg_iov->iov_base = (UCHAR *)message.msg_iov->iov_base + step;
            message.msg_iov->iov_len -= step;
            sent -= (ssize_t)step;
            if (message.msg_iov->iov_len == 0 && message.msg_iovlen > 1) {
                message.msg_iov++;
                message.msg_iovlen--;
            }
        }
    }
    return true;
}

static bool receive(int fd, void *into, size_t length)
{
    UCHAR *next = into;
    while (length > 0) {
        ssize_t got = recv(fd, next, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        next += got;
        length -= (size_t)got;
    }
    return true;
}

/* The next message's kind, or -1. Its payload goes to `into`; one that is longer than `capacity` is a fault. */
static int receive_message(int fd, void *into, size_t capacity, DWORD *length)
{
    UCHAR header[HEADER_SIZE];
    uint32_t announced;
    if (!receive(fd, header, sizeof header))
        return -1;
    memcpy(&announced, header + 1, sizeof announced);
    announced = ntohl(announced);
    if (announced > capacity || !receive(fd, into, announced))
        return -1;
    *length = announced;
    return header[0];
}

/* ---- one question and its answer ---- */

static enum outcome ask(struct reader *reader, enum kind kind, const void *code, size_t code_length, const void *data,
                        size_t data_length, void *into, size_t capacity, DWORD *length)
{
    enum outcome outcome = GONE;
    *length = 0;
    pthread_mutex_lock(&reader->lock);
    if (dial(reader, kind)) {
        int answer = -1;
        if (send_message(reader->fd, kind, code, code_length, data, data_length))
            do /* an event that overtook the answer is stale: pcscd asks for the presence again anyway */
                answer = receive_message(reader->fd, into, capacity, length);
            while (answer == EVENT);
        if (answer == YES)
            outcome = ANSWERED;
        else if (answer == NO)
            outcome = REFUSED;
        else
            hang_up(reader);
    }
    if (outcome != ANSWERED)
        *length = 0;
    pthread_mutex_unlock(&reader->lock);
    return outcome;
}

static RESPONSECODE code_for(enum outcome outcome, RESPONSECODE refused)
{
    switch (outcome) {
    case ANSWERED: return IFD_SUCCESS;
    case REFUSED: return refused;
    default: return IFD_NO_SUCH_DEVICE;
    }
}

/*
 * pcscd's event thread sleeps here between two looks at the card; returning early makes it look at once. Waiting no
 * longer than a period keeps the thread easy to stop and finds a reader that came back.
 */
static _Thread_local bool is_event_thread;

static RESPONSECODE wait_for_event(DWORD lun, int timeout_ms)
{
    is_event_thread = true; /* nobody else calls this */
    struct reader *reader = reader_of(lun);
    if (!reader)
        return IFD_COMMUNICATION_ERROR;
    if (timeout_ms <= 0 || timeout_ms > PRESENCE_PERIOD_MS)
        timeout_ms = PRESENCE_PERIOD_MS;
    /* An own descriptor: the reader's may be closed by a question that fails while this thread waits. */
    pthread_mutex_lock(&reader->lock);
    struct pollfd waiting = { .fd = reader->fd < 0 ? -1 : dup(reader->fd), .events = POLLIN };
    pthread_mutex_unlock(&reader->lock);
    if (waiting.fd < 0)
        timeout_ms = ABSENCE_PERIOD_MS;
    const int ready = poll(&waiting, 1, timeout_ms); /* a negative fd is ignored: just the period */
    if (waiting.fd >= 0)
        close(waiting.fd);
    return ready > 0 ? IFD_SUCCESS : IFD_RESPONSE_TIMEOUT;
}

/* ---- what pcscd calls ---- */

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    static const char scheme[] = "unix:";
    RESPONSECODE code = IFD_COMMUNICATION_ERROR;
    if (strncmp(DeviceName, scheme, strlen(scheme)) != 0)
        return IFD_NO_SUCH_DEVICE;
    const char *path = DeviceName + strlen(scheme);
    const size_t path_length = strlen(path);
    if (path_length == 0 || path_length >= sizeof readers[0].address.sun_path)
        return IFD_NO_SUCH_DEVICE;
    pthread_mutex_lock(&readers_lock);
    for (size_t i = 0; i < MAX_READERS && code != IFD_SUCCESS; i++) {
        if (readers[i].used)
            continue;
        readers[i] = (struct reader){ .used = true, .lun = Lun, .fd = -1, .address = { .sun_family = AF_UNIX } };
        memcpy(readers[i].address.sun_path, path, path_length + 1);
        if (pthread_mutex_init(&readers[i].lock, NULL) == 0)
            code = IFD_SUCCESS;
        else
            readers[i].used = false;
    }
    pthread_mutex_unlock(&readers_lock);
    return code;
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    (void)Lun;
    (void)Channel;
    return IFD_NOT_SUPPORTED; /* a numbered channel names no socket */
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
    struct reader *reader = reader_of(Lun);
    if (!reader)
        return IFD_COMMUNICATION_ERROR;
    pthread_mutex_lock(&readers_lock);
    hang_up(reader); /* pcscd has stopped its event thread and holds no other call */
    pthread_mutex_destroy(&reader->lock);
    reader->used = false;
    pthread_mutex_unlock(&readers_lock);
    return IFD_SUCCESS;
}

static RESPONSECODE give(PDWORD Length, PUCHAR Value, const void *from, DWORD size)
{
    if (*Length < size)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(Value, from, size);
    *Length = size;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    static const UCHAR one = 1, all = MAX_READERS;
    RESPONSECODE (*const event_thread)(DWORD, int) = wait_for_event;
    RESPONSECODE code;
    struct reader *reader;

    switch (Tag) { /* pcscd asks these of the driver, whatever the lun */
    case TAG_IFD_SIMULTANEOUS_ACCESS: return give(Length, Value, &all, sizeof all);
    case TAG_IFD_THREAD_SAFE: /* each reader has its own lock */
    case TAG_IFD_SLOTS_NUMBER: return give(Length, Value, &one, sizeof one);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT: return give(Length, Value, &event_thread, sizeof event_thread);
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING: break;
    default: return IFD_ERROR_TAG;
    }
    reader = reader_of(Lun);
    if (!reader)
        return IFD_COMMUNICATION_ERROR;
    pthread_mutex_lock(&reader->lock);
    code = give(Length, Value, reader->atr, reader->atr_length);
    pthread_mutex_unlock(&reader->lock);
    return code;
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    (void)Lun;
    (void)Tag;
    (void)Length;
    (void)Value;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2, UCHAR PTS3)
{
    (void)Protocol;
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    return reader_of(Lun) ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR; /* contactless: nothing to negotiate */
}

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    struct reader *reader = reader_of(Lun);
    DWORD length;
    if (!reader)
        return IFD_COMMUNICATION_ERROR;
    switch (ask(reader, is_event_thread ? WATCH : PRESENCE, NULL, 0, NULL, 0, NULL, 0, &length)) {
    case ANSWERED: return IFD_ICC_PRESENT;
    case REFUSED: return IFD_ICC_NOT_PRESENT;
    default: return IFD_COMMUNICATION_ERROR; /* not IFD_NO_SUCH_DEVICE: that would end pcscd's event thread */
    }
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    struct reader *reader = reader_of(Lun);
    UCHAR atr[MAX_ATR_SIZE];
    DWORD length;
    enum outcome outcome;
    if (!reader)
        return IFD_COMMUNICATION_ERROR;
    *AtrLength = 0;
    if (Action == IFD_POWER_DOWN)
        outcome = ask(reader, POWER_DOWN, NULL, 0, NULL, 0, NULL, 0, &length);
    else
        outcome = ask(reader, POWER_UP, NULL, 0, NULL, 0, atr, sizeof atr, &length);
    pthread_mutex_lock(&reader->lock);
    reader->atr_length = length;
    memcpy(reader->atr, atr, length);
    pthread_mutex_unlock(&reader->lock);
    memcpy(Atr, atr, length); /* pcscd's buffer holds MAX_ATR_SIZE */
    *AtrLength = length;
    return code_for(outcome, IFD_ERROR_POWER_ACTION);
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
                               PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
    struct reader *reader = reader_of(Lun);
    const DWORD capacity = *RxLength;
    *RxLength = 0;
    if (!reader || TxLength > MAX_BUFFER_SIZE_EXTENDED)
        return IFD_COMMUNICATION_ERROR;
    if (RecvPci)
        *RecvPci = SendPci;
    return code_for(ask(reader, APDU, NULL, 0, TxBuffer, TxLength, RxBuffer, capacity, RxLength), IFD_COMMUNICATION_ERROR);
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
                         DWORD RxLength, LPDWORD pdwBytesReturned)
{
    struct reader *reader = reader_of(Lun);
    const uint32_t code = htonl((uint32_t)dwControlCode);
    if (pdwBytesReturned == NULL)
        return IFD_COMMUNICATION_ERROR;
    *pdwBytesReturned = 0;
    if (!reader || TxLength > MAX_BUFFER_SIZE_EXTENDED)
        return IFD_COMMUNICATION_ERROR;
    return code_for(ask(reader, CONTROL, &code, CODE_SIZE, TxBuffer, TxLength, RxBuffer, RxLength, pdwBytesReturned),
                    IFD_ERROR_NOT_SUPPORTED);
}
