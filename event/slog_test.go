package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/event"
)

func logLine(t *testing.T, r *event.Record) map[string]any {
	t.Helper()
	var buf bytes.Buffer
	event.SlogSink(slog.New(slog.NewJSONHandler(&buf, nil))).Record(t.Context(), r)
	if n := bytes.Count(buf.Bytes(), []byte("\n")); n != 1 {
		t.Fatalf("%d lines, want 1:\n%s", n, buf.String())
	}
	var line map[string]any
	if err := json.Unmarshal(buf.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, "time")
	return line
}

func TestSlogSinkWholeRecord(t *testing.T) {
	t.Parallel()
	got := logLine(t, &event.Record{
		Time: start, RequestID: "r1", App: "api", Route: "POST /v1/query", Method: "POST", Status: 400,
		Duration: 1500 * time.Microsecond, BytesIn: 10, BytesOut: 20,
		Client: netip.MustParseAddr("192.0.2.1"), Network: netip.MustParsePrefix("192.0.2.0/24"),
		Key: "nightly", Subject: "user", Spoofed: "X-Forwarded-For", UserAgentClass: event.AgentCurl,
		Protection: "sqlguard", Rule: "sql.comment", WouldRefuse: "rate.client", Aborted: true, Canceled: true,
		Query: event.Query{
			Source: "flights", Fingerprint: "f1", Rows: 3,
			Queue: time.Millisecond, Guard: 2 * time.Millisecond, Engine: 3 * time.Millisecond, Encode: 4 * time.Millisecond,
		},
		Err: errLogOnly,
	})
	want := map[string]any{
		"level": "INFO", "msg": "request",
		"request_id": "r1", "app": "api", "route": "POST /v1/query", "method": "POST", "status": 400.0,
		"duration_ms": 1.5, "bytes_in": 10.0, "bytes_out": 20.0,
		"client": "192.0.2.1", "network": "192.0.2.0/24",
		"key": "nightly", "subject": "user", "spoofed": "X-Forwarded-For", "user_agent_class": "curl",
		"protection": "sqlguard", "rule": "sql.comment", "would_refuse": "rate.client", "aborted": true, "canceled": true,
		"query": map[string]any{
			"source": "flights", "fingerprint": "f1", "rows": 3.0,
			"queue_ms": 1.0, "guard_ms": 2.0, "engine_ms": 3.0, "encode_ms": 4.0,
		},
		"err": errLogOnly.Error(),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSlogSinkLeavesOutTheUnknown(t *testing.T) {
	t.Parallel()
	got := logLine(t, &event.Record{Status: 200, Method: "GET"})
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "status": 200.0,
		"duration_ms": 0.0, "bytes_in": 0.0, "bytes_out": 0.0,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSlogSinkLevel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		record event.Record
		want   string
	}{
		{event.Record{Status: 200}, "INFO"},
		{event.Record{Status: 403}, "INFO"},
		{event.Record{Status: 500}, "ERROR"},
		{event.Record{Status: 503}, "ERROR"},
		{event.Record{Status: 503, Canceled: true}, "INFO"},
		{event.Record{Status: 200, Aborted: true}, "ERROR"},
		{event.Record{Status: 200, Aborted: true, Canceled: true}, "INFO"},
	}
	for _, tt := range tests {
		if got := logLine(t, &tt.record)["level"]; got != tt.want {
			t.Errorf("%+v: level %v, want %s", tt.record, got, tt.want)
		}
	}
}

func TestErrTextIsBounded(t *testing.T) {
	t.Parallel()
	got := event.ErrText(errors.New(strings.Repeat("ä", 5000) + "\xff"))
	if len(got) > 4<<10+8 || !utf8.ValidString(got) {
		t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
	if got := event.ErrText(errors.New("a\xffb")); got != "a\uFFFDb" {
		t.Errorf("got %q", got)
	}
}

// The record must not grow a place for what a client sent.
func TestRecordHasNoFieldForSQL(t *testing.T) {
	t.Parallel()
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for field := range typ.Fields() {
			name := strings.ToLower(field.Name)
			for _, bad := range []string{"sql", "param", "statement", "body", "path", "url", "header"} {
				if strings.Contains(name, bad) {
					t.Errorf("%s.%s looks like something a client sent", typ, field.Name)
				}
			}
			if field.Type == reflect.TypeFor[event.Query]() {
				walk(field.Type)
			}
		}
	}
	walk(reflect.TypeFor[event.Record]())
}
