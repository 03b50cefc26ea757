package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
)

const maxBodyBytes = 8 << 20

var name = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func service(key string, to publisher) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(answer, "ready")
	})
	mux.HandleFunc("POST /v1/batches", func(answer http.ResponseWriter, request *http.Request) {
		status, body := accept(key, to, request, answer)
		headers := answer.Header()
		headers.Set("Content-Type", "application/json")
		headers.Set("Access-Control-Allow-Origin", "*")
		headers.Set("Access-Control-Expose-Headers", "retry-after")
		answer.WriteHeader(status)
		_, _ = io.WriteString(answer, body)
	})
	return mux
}

func accept(key string, to publisher, request *http.Request, answer http.ResponseWriter) (int, string) {
	query := request.URL.Query()
	if query.Get("key") != key {
		return refused(http.StatusUnauthorized, "unknown_key")
	}
	from, good := senderOf(query)
	if !good {
		return refused(http.StatusBadRequest, "bad_parameter")
	}
	body, err := readBody(request, answer)
	if err != nil {
		return refused(http.StatusRequestEntityTooLarge, "batch_too_large")
	}
	found, err := check(body)
	if err != nil {
		return refused(http.StatusBadRequest, "malformed_json")
	}
	record, err := seal(from, found, body, request.UserAgent())
	if err != nil {
		return refused(http.StatusInternalServerError, "internal_error")
	}
	if err := to.publish(request.Context(), connection+"/"+from.visitor, record); err != nil {
		return refused(http.StatusServiceUnavailable, "broker_unavailable")
	}
	return http.StatusAccepted,
		fmt.Sprintf(`{"accepted":%d,"batch":"%s"}`, found.events, hex.EncodeToString(from.batchID()))
}

func readBody(request *http.Request, answer http.ResponseWriter) ([]byte, error) {
	limited := http.MaxBytesReader(answer, request.Body, maxBodyBytes)
	if request.ContentLength <= 0 || request.ContentLength > maxBodyBytes {
		return io.ReadAll(limited)
	}
	body := make([]byte, request.ContentLength)
	_, err := io.ReadFull(limited, body)
	return body, err
}

func senderOf(query url.Values) (sender, bool) {
	from := sender{visitor: query.Get("visitor"), window: query.Get("window")}
	seq, goodSeq := number(query, "seq")
	sentAt, goodSentAt := number(query, "sent_at")
	from.seq, from.sentAt = seq, sentAt
	return from, goodSeq && goodSentAt && name.MatchString(from.visitor) && name.MatchString(from.window)
}

func number(query url.Values, field string) (*int64, bool) {
	text := query.Get(field)
	if text == "" {
		return nil, true
	}
	read, err := strconv.ParseInt(text, 10, 64)
	return &read, err == nil && read >= 0
}

func refused(status int, reason string) (int, string) {
	return status, fmt.Sprintf(`{"status":%d,"reason":"%s"}`, status, reason)
}
