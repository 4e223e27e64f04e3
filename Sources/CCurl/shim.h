// What Swift can't call of libcurl: variadic setters and getters, and macros. No logic.
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

// CURLOPT_PROTOCOLS_STR and CURLOPT_QUICK_EXIT came with 7.85 and 7.87.
_Static_assert(LIBCURL_VERSION_NUM >= 0x075700, "libcurl 7.87 or newer is needed");

static inline CURLcode gateway_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode gateway_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode gateway_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode gateway_curl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode gateway_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode gateway_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*gateway_curl_data_callback)(char *, size_t, size_t, void *);

static inline CURLcode gateway_curl_set_data_callback(CURL *easy, CURLoption option, gateway_curl_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

typedef curl_socket_t (*gateway_curl_open_socket_callback)(void *, curlsocktype, struct curl_sockaddr *);

static inline CURLcode gateway_curl_set_open_socket(CURL *easy, gateway_curl_open_socket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

typedef int (*gateway_curl_prereq_callback)(void *, char *, char *, int, int);

static inline CURLcode gateway_curl_set_prereq(CURL *easy, gateway_curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode gateway_curl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode gateway_curl_get_private(CURL *easy, void **value) {
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, value);
}

static inline CURLMcode gateway_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// A union's member: the result of a finished transfer.
static inline CURLcode gateway_curl_message_result(const CURLMsg *message) { return message->data.result; }

// struct curl_sockaddr ends in a `struct sockaddr`, which is too short for IPv6: hand out its address.
static inline const struct sockaddr *gateway_curl_address(const struct curl_sockaddr *address) { return &address->addr; }

#endif
